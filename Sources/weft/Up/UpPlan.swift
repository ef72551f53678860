import Foundation
import Glibc

/// What `weft up` will start: every process with its ports, files and secrets, worked out before the first one runs.
struct UpPlan {
    let mesh: MeshFile
    /// The state folder, as an absolute path.
    let state: String
    /// The folder of the programs: where `weft` itself lies.
    let programFolder: String
    /// Where a database of the given name is reached.
    let databaseURL: (String) -> String
    /// The service's join token, made anew for each run.
    let token: (String) -> String

    /// A sidecar's three ports lie in its own block of ten.
    struct Ports: Equatable {
        let outbound: String
        let inbound: String
        let admin: String
    }

    /// Blocks of sidecars lie so far apart: 4140, 4160, 4180, ...
    static let portStride = 100

    var rootsFile: String { "\(state)/control/roots.pem" }
    var tokensFile: String { "\(state)/join-tokens" }

    func ports(ofSidecar index: Int) -> Ports {
        let base = mesh.sidecarBasePort + index * Self.portStride
        return Ports(
            outbound: "127.0.0.1:\(base)", inbound: "127.0.0.1:\(base + 3)", admin: "127.0.0.1:\(base + 51)")
    }

    /// Every member that joins the mesh, in the order of their port blocks: the edge first, then each service's replicas.
    var members: [(service: String, instance: String, app: String?)] {
        var members: [(service: String, instance: String, app: String?)] = [("edge", "edge", nil)]
        for service in mesh.services {
            for replica in 1...service.replicas {
                let instance = "\(service.name)-\(replica)"
                members.append((service.name, instance, "unix:\(state)/run/\(instance).sock"))
            }
        }
        return members
    }

    func specs() -> [ProcessSpec] {
        var specs = [control]
        for (index, member) in members.enumerated() {
            specs.append(sidecar(index, member))
        }
        var index = 1
        for service in mesh.services {
            for replica in 1...service.replicas {
                specs.append(app(service, "\(service.name)-\(replica)", ports(ofSidecar: index), adminPort(index)))
                index += 1
            }
        }
        return (specs + [edge]).map { spec in
            var spec = spec
            if !mesh.http2.isEmpty { spec.environment["WEFT_HTTP2"] = mesh.http2 }
            return spec
        }
    }

    private func adminPort(_ index: Int) -> String {
        "127.0.0.1:\(mesh.sidecarBasePort + index * Self.portStride + 52)"
    }

    private func program(_ name: String) -> String {
        let beside = "\(programFolder)/\(name)"
        return access(beside, X_OK) == 0 ? beside : name
    }

    private var control: ProcessSpec {
        ProcessSpec(
            name: "control", program: program("weft-control"),
            arguments: [
                "--listen", mesh.controlListen, "--admin", mesh.controlAdmin, "--state-dir", "\(state)/control",
                "--trust-domain", mesh.trustDomain, "--namespace", mesh.namespace, "--join-tokens", tokensFile,
            ],
            environment: [:], probe: .ready(address: mesh.controlAdmin), address: mesh.controlListen, needs: [])
    }

    private func sidecar(_ index: Int, _ member: (service: String, instance: String, app: String?)) -> ProcessSpec {
        let ports = ports(ofSidecar: index)
        return ProcessSpec(
            name: "\(member.instance)/sidecar", program: program("weft-sidecar"),
            arguments: ["--config", sidecarFile(member.instance), "--log-level", "debug"], environment: [:],
            probe: .ready(address: ports.admin), address: member.app == nil ? ports.outbound : ports.inbound,
            needs: ["control"])
    }

    func sidecarFile(_ instance: String) -> String { "\(state)/run/\(instance).sidecar.json" }

    private func app(_ service: MeshFile.Service, _ instance: String, _ ports: Ports, _ admin: String) -> ProcessSpec {
        let listen = "unix:\(state)/run/\(instance).sock"
        var environment = [
            "WEFT_SERVICE": service.name, "WEFT_INSTANCE": instance, "WEFT_LISTEN": listen, "WEFT_ADMIN": admin,
            "WEFT_SIDECAR": ports.outbound,
        ]
        if let database = service.database {
            environment["DATABASE_URL"] = databaseURL(database)
        }
        return ProcessSpec(
            name: instance, program: program(service.command[0]), arguments: Array(service.command.dropFirst()),
            environment: environment, probe: .ready(address: admin), address: listen, needs: ["\(instance)/sidecar"])
    }

    private var edge: ProcessSpec {
        ProcessSpec(
            name: "edge", program: program("weft-edge"),
            arguments: [
                "--listen", mesh.edgeListen, "--admin", mesh.edgeAdmin, "--sidecar", ports(ofSidecar: 0).outbound,
            ],
            environment: [:], probe: .ready(address: mesh.edgeAdmin), address: mesh.edgeListen, needs: ["edge/sidecar"])
    }

    /// The configuration file of a member's sidecar.
    func sidecarConfig(_ index: Int, _ member: (service: String, instance: String, app: String?)) -> String {
        let ports = ports(ofSidecar: index)
        var config: [String: Any] = [
            "service": member.service, "instance": member.instance,
            "control": [
                "address": mesh.controlListen, "trust_domain": mesh.trustDomain, "namespace": mesh.namespace,
                "join_token": token(member.service), "roots_file": rootsFile,
            ],
            "outbound": ["listen": ports.outbound], "admin": ["listen": ports.admin],
        ]
        if let app = member.app {
            config["inbound"] = ["listen": ports.inbound, "app": app]
        }
        return Self.json(config)
    }

    private static func json(_ value: [String: Any]) -> String {
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try? JSONSerialization.data(withJSONObject: value, options: options)
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    // MARK: What is told of the mesh

    /// What other commands need to find the running mesh.
    var description: String {
        let databases = Dictionary(
            mesh.services.compactMap { service in service.database.map { (service.name, databaseURL($0)) } },
            uniquingKeysWith: { first, _ in first })
        return Self.json([
            "sidecar": ports(ofSidecar: 0).outbound, "control": mesh.controlListen, "edge": mesh.edgeListen,
            "roots": rootsFile, "trust_domain": mesh.trustDomain, "namespace": mesh.namespace,
            "join_tokens": tokensFile, "databases": databases,
        ])
    }

    /// What stands under the table when everything is ready.
    func greeting(databasePID: Int32?, databaseLog: String?) -> String {
        let database = databasePID.map { "\nPostgres: pid \($0), log \(databaseLog ?? "")" } ?? ""
        return """
            \(database)
            The mesh is up. Logs are in \(state)/logs. Try, in another terminal:

              curl -X POST http://\(mesh.edgeListen)/v1/courses -d '{"title":"Tiếng Việt 1"}'
              curl http://\(mesh.edgeListen)/v1/courses
              \(programFolder)/weft call learn.course.v1.CourseService/ListCourses -d '{"pageSize":10}'

            Ctrl-C stops everything.
            """
    }
}
