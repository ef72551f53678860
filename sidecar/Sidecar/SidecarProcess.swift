import Exchange
import Logging
import Policy
import Reactor
import RPC
package import ServiceKit
import Timebase
import Transport

/// The sidecar as a process: reads its file, listens, joins, drains.
public enum SidecarProcess {
    package static let flags = [
        Flag("config", "FILE", help: "How the sidecar is set up, as JSON."),
        Flag("instance", "NAME", help: "This instance, unique in the mesh; overrides the file."),
        Flag("advertise", "ADDRESS", help: "Where other members reach the inbound listener; overrides the file."),
        ProcessContext.accessLogFlag,
    ]

    /// Runs it. It does not return.
    public static func run() -> Never {
        ProcessShell.run(
            program: "weft-sidecar", purpose: "Stands beside a service: mTLS, retries, timeouts, limits and reasons.",
            flags: flags, process: { $0["instance"].map { "weft-sidecar/\($0)" } ?? "weft-sidecar" }
        ) { context in
            try context.checkAccessLog()
            let config = try readConfig(context)
            // The command line knows better than the file.
            if let engine = config.http2, context.settings["http2"] == nil { EngineChoice.standard = engine }
            let sidecar = try start(config, context)
            // Here the process is the sidecar's own; in a simulation it is not.
            sidecar.load.memory = ResidentMemory.current
            sidecar.load.trim = ResidentMemory.trim
        }
    }

    /// Starts it in a process that is there, or in a simulated one.
    package static func start(_ context: ProcessContext) throws -> Sidecar {
        try start(try readConfig(context), context)
    }

    @discardableResult
    private static func start(_ config: SidecarConfig, _ context: ProcessContext) throws -> Sidecar {
        let sidecar = Sidecar(config, context)
        context.keep(sidecar)
        try sidecar.start()
        return sidecar
    }

    private static func readConfig(_ context: ProcessContext) throws -> SidecarConfig {
        let path = try context.require("config")
        let bytes: [UInt8]
        do {
            bytes = try context.files.read(path)
        } catch {
            throw ProcessFault("--config: \(error)", exitCode: 2)
        }
        do {
            return try SidecarConfig(
                json: bytes, instance: context.settings["instance"], advertise: context.settings["advertise"])
        } catch {
            throw ProcessFault("\(path): \(error.lines.joined(separator: "\n\(path): "))", exitCode: 2)
        }
    }
}
