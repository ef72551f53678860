internal import ServiceKit
internal import Timebase
internal import Transport

/// How a control plane is set up. Every value is valid: the initializer parses.
struct ControlConfig {
    struct Fault: Error {
        let message: String
    }

    let listen: String
    let admin: String
    let stateFolder: String
    let domain: TrustDomain
    let tokens: JoinTokens
    let leafLifetime: Duration
    let authorityCertificate: String?
    let authorityKey: String?
    /// The services whose members may apply policies.
    let operators: Set<String>

    static let flags = [
        Flag(
            "listen", "ADDRESS", default: "127.0.0.1:4100", help: "Where members reach the control plane (gRPC, TLS)."),
        Flag("admin", "ADDRESS", default: "127.0.0.1:4101", help: "Where /metrics, /ready and /live are served."),
        Flag(
            "state-dir", "FOLDER", default: ".weft/control",
            help: "Where the root key, registrations, contracts and policies are kept."),
        Flag("trust-domain", "NAME", default: "weft.local", help: "The first part of every SPIFFE id."),
        Flag("namespace", "NAME", default: "default", help: "The namespace part of every SPIFFE id."),
        Flag("join-tokens", "FILE", help: "Lines of 'service token': who may join."),
        Flag("ca-cert", "FILE", help: "The root certificate (PEM), if it is made elsewhere; with --ca-key."),
        Flag("ca-key", "FILE", help: "The root's key (PEM)."),
        Flag(
            "operators", "NAMES", default: "operator",
            help: "Members that may apply policies ('weft apply'), separated by commas."),
        Flag(
            "leaf-lifetime", "DURATION", default: "2h",
            help: "How long a certificate is valid; renewed at half of it, or each half hour."),
    ]

    /// The shortest life that leaves time to renew: less would make a storm of renewals.
    static let minLeafLifetime = Duration.seconds(10)

    init(_ settings: Settings, files: any FileStore = SystemFiles()) throws(Fault) {
        listen = settings["listen"] ?? ""
        admin = settings["admin"] ?? ""
        stateFolder = settings["state-dir"] ?? ""
        domain = TrustDomain(name: settings["trust-domain"] ?? "", namespace: settings["namespace"] ?? "")
        let lifetime = settings["leaf-lifetime"] ?? ""
        guard let duration = Duration(text: lifetime), duration >= Self.minLeafLifetime else {
            throw Fault(message: "--leaf-lifetime: '\(lifetime)' is not a duration of 10s or more, such as 1h")
        }
        leafLifetime = duration
        operators = Set((settings["operators"] ?? "").split(separator: ",").map(String.init))
        if let name = operators.first(where: { !ServiceName.isValid($0) }) {
            throw Fault(message: "--operators: '\(name)' is not a service name")
        }
        authorityCertificate = settings["ca-cert"]
        authorityKey = settings["ca-key"]
        guard (authorityCertificate == nil) == (authorityKey == nil) else {
            throw Fault(message: "--ca-cert and --ca-key are given together or not at all")
        }
        guard let file = settings["join-tokens"] else {
            throw Fault(message: "--join-tokens is required: without it nobody can join")
        }
        do {
            tokens = try JoinTokens(text: try files.readText(file), file: file)
        } catch let fault as Files.Fault {
            throw Fault(message: "--join-tokens: \(fault)")
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(message: "\(error)")
        }
    }
}
