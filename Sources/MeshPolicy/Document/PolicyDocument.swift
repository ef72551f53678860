internal import Descriptors
public import MeshAPI
internal import ProtoWire

/// Reads what people write of policies, YAML or JSON, into the message that the mesh understands.
///
///     services:
///       - service: course
///         retry: {retries: 1, budget_percent: 10}
///         authorization: {mode: audit}
///
/// The names are those of `weft.policy.v1`, as in the contract or in camel case. Words of an enum may leave out what all of
/// its words begin with: `audit` is `MODE_AUDIT`. What the contract does not have is refused with its place and the
/// nearest name, since a policy that is passed over in silence protects nobody.
public struct PolicyDocument: Sendable {
    /// What is wrong, and where.
    public struct Fault: Error, Sendable, Equatable {
        public var place: DocumentNode.Place
        public var path: String
        public var problem: String

        public init(place: DocumentNode.Place, path: String, problem: String) {
            self.place = place
            self.path = path
            self.problem = problem
        }

        /// `policy.yaml:4:9: services[course].retry: ...`
        public func described(in file: String) -> String {
            let position = place.line > 0 ? ":\(place.line):\(place.column)" : ""
            return "\(file)\(position): \(path.isEmpty ? problem : "\(path): \(problem)")"
        }
    }

    public let policy: WeftPolicyV1.MeshPolicy

    /// Reads a whole document, and checks it as the control plane and every sidecar will: all faults are told at once.
    ///
    /// It is a mesh policy (`services: [...]`), or anything with such a list under `policies`: a `mesh.yaml`.
    public init(_ root: DocumentNode) throws(Faults) {
        if case .object(let members) = root.value, let list = members.first(where: { $0.name == "policies" }) {
            try self.init(list: list.value)
        } else {
            try self.init(whole: root)
        }
    }

    /// Reads a list of the policies of services.
    public init(list: DocumentNode) throws(Faults) {
        let member = DocumentNode.Member(name: "services", place: list.place, value: list)
        try self.init(whole: DocumentNode(.object([member]), at: list.place))
    }

    private init(whole root: DocumentNode) throws(Faults) {
        var reader = DocumentReader()
        reader.message(root, WeftPolicyV1.MeshPolicy.table, at: "")
        guard reader.faults.isEmpty else { throw Faults(all: reader.faults) }
        do {
            policy = try WeftPolicyV1.MeshPolicy(json: reader.json)
        } catch {
            let place = root.place(of: error.path)
            throw Faults(all: [Fault(place: place, path: error.path, problem: error.problem)])
        }
        let faults = MeshRules.read(policy).faults
        guard faults.isEmpty else {
            throw Faults(
                all: faults.map { Fault(place: root.place(of: $0.path), path: $0.path, problem: $0.problem) })
        }
    }

    /// Every fault of a document.
    public struct Faults: Error, Sendable {
        public var all: [Fault]
    }
}
