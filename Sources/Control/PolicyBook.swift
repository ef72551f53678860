internal import Logging
internal import MeshAPI
internal import MeshPolicy
internal import ProtoWire

/// The policies in force, under a hash of their content.
struct PolicyBook {
    private(set) var policy = WeftPolicyV1.MeshPolicy()
    private(set) var hash: String
    private let file: StateFile?

    /// `file` keeps them over a restart; nil keeps them in memory alone.
    init(file: StateFile?) {
        self.file = file
        hash = Self.hash(of: policy)
        guard let bytes = file?.load() else { return }
        do {
            policy = try WeftPolicyV1.MeshPolicy(decoding: bytes)
            hash = Self.hash(of: policy)
        } catch {
            file?.log.error("the policies cannot be read; none are in force", metadata: ["error": "\(error)"])
            return
        }
        // They were right when they came. Members judge for themselves, and stay with what they have.
        for fault in MeshRules.read(policy).faults {
            file?.log.error("the policies that were kept are not right", metadata: ["fault": "\(fault)"])
        }
    }

    enum ApplyOutcome {
        case applied(hash: String)
        case unchanged(hash: String)
        /// With a dry run as well: what would be wrong with it.
        case faulty([PolicyFault])
        /// Somebody else was faster: these are in force.
        case conflict(hash: String)
        /// It could not be written down, and is not in force either: a restart would undo it without a word.
        case notKept
    }

    /// Takes all of it or nothing.
    mutating func apply(_ asked: WeftPolicyV1.MeshPolicy, dryRun: Bool, expecting expected: String) -> ApplyOutcome {
        let faults = MeshRules.read(asked).faults
        guard faults.isEmpty else { return .faulty(faults) }
        guard expected.isEmpty || expected == hash else { return .conflict(hash: hash) }
        // The order of services says nothing, and must not make another hash.
        var next = asked
        next.services.sort { $0.service < $1.service }
        let nextHash = Self.hash(of: next)
        if nextHash == hash { return .unchanged(hash: hash) }
        if dryRun { return .applied(hash: nextHash) }
        if let file, !file.save(next.encoded()) { return .notKept }
        policy = next
        hash = nextHash
        return .applied(hash: hash)
    }

    private static func hash(of policy: WeftPolicyV1.MeshPolicy) -> String { ContentHash.of(policy.encoded()) }
}
