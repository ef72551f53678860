import MeshAPI
import MeshPolicy
import Transport
import Yams

/// What a `mesh.yaml` says: the processes of a mesh on one machine. Every value is valid: the initializer parses.
struct MeshFile {
    struct Service: Equatable {
        let name: String
        /// The program and its arguments; a bare program name is looked for beside `weft`, then on PATH.
        let command: [String]
        let replicas: Int
        /// The name of the service's own database; nil if it keeps none.
        let database: String?
    }

    let trustDomain: String
    let namespace: String
    /// Where everything is kept that the mesh makes: databases, keys, logs, sockets.
    let stateFolder: String
    let controlListen: String
    let controlAdmin: String
    let edgeListen: String
    let edgeAdmin: String
    let sidecarBasePort: Int
    /// Who frames HTTP/2 in all processes: `native` or `nghttp2`; empty leaves it to the build.
    let http2: String
    let services: [Service]
    /// What `policies` says, for the control plane; nil leaves what it has.
    let policies: WeftPolicyV1.MeshPolicy?

    /// More on one machine is no local mesh any more.
    static let maxReplicas = 16
    static let maxServices = 64

    /// Every fault of the file, with its line.
    struct Faults: Error {
        let lines: [String]
    }

    init(text: String, path: String) throws(Faults) {
        var reader = NodeReader(path: path)
        guard let root = reader.compose(text) else { throw Faults(lines: reader.faults) }
        reader.allow(
            [
                "trust_domain", "namespace", "state", "control", "edge", "sidecars", "http2", "services", "policies",
            ], in: root, at: "")
        trustDomain = reader.text("trust_domain", in: root, default: "weft.local")
        namespace = reader.text("namespace", in: root, default: "default")
        stateFolder = reader.text("state", in: root, default: ".weft")
        let control = reader.section("control", in: root, allowed: ["listen", "admin"])
        controlListen = reader.address("listen", in: control, section: "control", default: "127.0.0.1:4100")
        controlAdmin = reader.address("admin", in: control, section: "control", default: "127.0.0.1:4101")
        let edge = reader.section("edge", in: root, allowed: ["listen", "admin"])
        edgeListen = reader.address("listen", in: edge, section: "edge", default: "127.0.0.1:8080")
        edgeAdmin = reader.address("admin", in: edge, section: "edge", default: "127.0.0.1:8091")
        let sidecars = reader.section("sidecars", in: root, allowed: ["base_port"])
        sidecarBasePort = reader.integer(
            "base_port", in: sidecars, section: "sidecars", in: 1024...60_000, default: 4140)
        http2 = reader.text("http2", in: root, default: "")
        if let node = root["http2"], !["native", "nghttp2"].contains(http2) {
            reader.fault(node, "http2", "must be native or nghttp2")
        }
        services = MeshFile.services(in: root, &reader)
        policies = MeshFile.policies(in: root, &reader)
        if !reader.faults.isEmpty {
            throw Faults(lines: reader.faults)
        }
    }

    private static func policies(in root: Node.Mapping, _ reader: inout NodeReader) -> WeftPolicyV1.MeshPolicy? {
        guard let node = root["policies"] else { return nil }
        do {
            return try PolicyDocument(list: DocumentNode(node)).policy
        } catch {
            reader.add(error.all.map { $0.described(in: reader.path) })
            return nil
        }
    }

    private static func services(in root: Node.Mapping, _ reader: inout NodeReader) -> [Service] {
        guard let node = root["services"] else {
            reader.fault(nil, "services", "is missing: name at least one service")
            return []
        }
        guard let mapping = node.mapping, !mapping.isEmpty, mapping.count <= maxServices else {
            reader.fault(node, "services", "must be a mapping of 1 to \(maxServices) service names")
            return []
        }
        return mapping.compactMap { key, value in
            let name = key.string ?? ""
            let path = "services.\(name)"
            guard ServiceName.isValid(name) else {
                reader.fault(key, path, "is not a service name: lower-case letters, digits and '-', at most 63")
                return nil
            }
            guard let entry = value.mapping else {
                reader.fault(value, path, "must be a mapping with 'command'")
                return nil
            }
            reader.allow(["command", "replicas", "database"], in: entry, at: path)
            return Service(
                name: name, command: reader.words("command", in: entry, section: path),
                replicas: reader.integer("replicas", in: entry, section: path, in: 1...maxReplicas, default: 1),
                database: entry["database"] == nil
                    ? nil : reader.text("database", in: entry, section: path, default: ""))
        }
    }
}
