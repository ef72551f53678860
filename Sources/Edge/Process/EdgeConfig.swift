internal import ServiceKit
internal import Timebase

/// How an edge is set up.
struct EdgeConfig: Sendable {
    let listen: String
    let admin: String
    /// Where calls go out: the edge's own sidecar.
    let sidecar: String
    /// A descriptor set that stands in for the control plane's contracts: for an edge that runs alone.
    let contractFile: String?
    let service: String
    let maxBodyBytes: Int
    /// A call that its client gives no deadline ends after so long (DESIGN §6).
    let timeout: Duration

    static let flags = [
        Flag(
            "listen", "ADDRESS", default: "127.0.0.1:8080", help: "Where clients reach the edge (HTTP/1.1 and HTTP/2)."),
        Flag("admin", "ADDRESS", default: "127.0.0.1:8091", help: "Where /metrics, /ready and /live are served."),
        Flag("sidecar", "ADDRESS", default: "127.0.0.1:4140", help: "The edge's own sidecar, through which it calls."),
        Flag("contracts", "FILE", help: "Read contracts from this descriptor set instead of the control plane."),
        Flag("service", "NAME", default: "bench", help: "With --contracts: the mesh service that serves them."),
        Flag(
            "max-body", "BYTES", default: "4194304", help: "The largest request body, and reply message, that is taken."
        ),
    ]

    init(_ settings: Settings) throws(ProcessFault) {
        listen = settings["listen"] ?? ""
        admin = settings["admin"] ?? ""
        sidecar = settings["sidecar"] ?? ""
        contractFile = settings["contracts"]
        service = settings["service"] ?? ""
        guard let bytes = Int(settings["max-body"] ?? ""), (1...(64 << 20)).contains(bytes) else {
            throw ProcessFault(
                "--max-body: '\(settings["max-body"] ?? "")' is not a number of bytes from 1 to 67108864", exitCode: 2)
        }
        maxBodyBytes = bytes
        timeout = .seconds(15)
    }
}
