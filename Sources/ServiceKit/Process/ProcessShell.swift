internal import Glibc
internal import Logging
internal import Reactor
internal import Traces
internal import Transport

/// What every process of the mesh does around its own work: settings, logs, a loop, signals, drain, exit codes.
///
///     arguments ──▶ settings ──▶ start (async, on the loop) ──▶ serving ──SIGTERM──▶ draining ──▶ exit 0
///         └─ bad: exit 2             └─ ProcessFault: exit 1 or 2           └─ again: exit 130
public struct ProcessShell {
    /// How long a drain may take before the process ends all the same (DESIGN §6).
    public static let drainGrace = Duration.seconds(30)
    static let commonFlags = [
        Flag("log-level", "LEVEL", default: "info", help: "trace, debug, info, notice, warning, error or critical."),
        Flag("http2", "ENGINE", help: "Who frames HTTP/2: native or nghttp2 (left out: the build's own)."),
    ]

    /// Parses the settings, runs `start` on the main thread's loop, and serves until a signal. It does not return.
    ///
    /// - Parameters:
    ///   - process: the name in log lines, from the settings: `weft-sidecar/course`.
    ///   - start: sets everything up. What it throws ends the process with a message: a `ProcessFault` as it says.
    public static func run(
        program: String, purpose: String, flags: [Flag], process: (Settings) -> String,
        start: @escaping @Sendable (ProcessContext) async throws -> Void
    ) -> Never {
        let all = flags + commonFlags
        if CommandLine.arguments.dropFirst().contains("--help") {
            print(Settings.help(program, purpose, all), terminator: "")
            exit(0)
        }
        let settings: Settings
        do {
            settings = try Settings(
                all, arguments: Array(CommandLine.arguments.dropFirst()), environment: Environment.all)
        } catch {
            complain(program, error.lines, hint: "see '\(program) --help'")
            exit(2)
        }
        guard let level = Logger.Level(rawValue: settings["log-level"] ?? "info") else {
            complain(program, ["unknown log level '\(settings["log-level"] ?? "")'"], hint: "see '\(program) --help'")
            exit(2)
        }
        if let name = settings["http2"] {
            guard let engine = EngineChoice(rawValue: name) else {
                complain(program, ["--http2: '\(name)' is neither native nor nghttp2"], hint: "see '\(program) --help'")
                exit(2)
            }
            EngineChoice.standard = engine
        }
        if let parent = Environment.all["WEFT_PARENT"].flatMap(Int32.init), !Parent.endWithParent(parent) {
            complain(program, ["the supervisor is gone"], hint: nil)
            exit(1)
        }
        let tracing: TraceSettings?
        do {
            tracing = try TraceSettings(environment: Environment.all)
        } catch {
            complain(
                program, error.lines, hint: "these variables are OpenTelemetry's; see 'Tracing' in the documentation")
            exit(2)
        }
        signal(SIGPIPE, SIG_IGN)
        let stopping: [Int32] = [SIGTERM, SIGINT]
        SignalSource.block(stopping)
        do {
            let log = Logger.json(process: process(settings), level: level)
            let context = ProcessContext(loop: try Loop(name: program), log: log, settings: settings, tracing: tracing)
            context.watchLog(.standardError)
            serve(context, program: program, stopping: stopping, start: start)
        } catch {
            complain(program, ["\(error)"], hint: nil)
            exit(1)
        }
    }

    private static func serve(
        _ context: ProcessContext, program: String, stopping: [Int32],
        start: @escaping @Sendable (ProcessContext) async throws -> Void
    ) -> Never {
        Task(executorPreference: context.loop) {
            do {
                let signals = try SignalSource(stopping, on: context.loop) { number in
                    context.stop(reason: number == SIGTERM ? "SIGTERM" : "SIGINT")
                }
                context.keep(signals)
                try await start(context)
            } catch let fault as ProcessFault {
                context.log.critical("\(fault.message)")
                complain(program, [fault.message], hint: fault.hint)
                exit(fault.exitCode)
            } catch {
                context.log.critical("\(error)")
                complain(program, ["\(error)"], hint: nil)
                exit(1)
            }
        }
        context.loop.run()
        LogWriter.standardError.flush(withinMilliseconds: 200)
        exit(0)
    }

    private static func complain(_ program: String, _ lines: [String], hint: String?) {
        for line in lines + (hint.map { [$0] } ?? []) {
            writeError("\(program): \(line)\n")
        }
    }
}

/// Why a process cannot start or go on, for the person who started it.
public struct ProcessFault: Error, Sendable {
    public let message: String
    /// What to do about it.
    public let hint: String?
    public let exitCode: Int32

    /// - Parameter exitCode: 2 for a fault in what was asked, 1 for one of the surroundings.
    public init(_ message: String, hint: String? = nil, exitCode: Int32 = 1) {
        self.message = message
        self.hint = hint
        self.exitCode = exitCode
    }
}

/// Writes to standard error without the C library's stream, whose global Swift cannot prove to be safe.
private func writeError(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

/// The environment of this process.
public enum Environment {
    public static var all: [String: String] {
        var result: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                result[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return result
    }
}
