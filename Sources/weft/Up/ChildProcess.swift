import Glibc
import Reactor

/// Starts programs and reaps them.
///
/// A child stands in its own process group, so that Ctrl-C reaches the supervisor alone and children end in order; its
/// output goes to its log file; it ends by itself if the supervisor dies (`WEFT_PARENT`, read by the process shell).
enum ChildProcess {
    struct Fault: Error, CustomStringConvertible {
        let program: String
        let code: Int32
        var description: String { "cannot start \(program): \(String(cString: strerror(code)))" }
    }

    /// Answers the pid.
    static func start(_ spec: ProcessSpec, logFile: String) throws(Fault) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, logFile, O_WRONLY | O_CREAT | O_APPEND, 0o640)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The supervisor blocks the signals that it reads; a child must not inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

        var pid: pid_t = 0
        let code = withCStrings([spec.program] + spec.arguments) { arguments in
            withCStrings(environment(of: spec)) { environment in
                posix_spawnp(&pid, spec.program, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw Fault(program: spec.program, code: code) }
        return pid
    }

    private static func environment(of spec: ProcessSpec) -> [String] {
        var lines: [String] = []
        var next = environ
        while let entry = next.pointee {
            let line = String(cString: entry)
            let name = String(line.prefix { $0 != "=" })
            if spec.environment[name] == nil && name != "WEFT_PARENT" {
                lines.append(line)
            }
            next += 1
        }
        return lines + spec.environment.map { "\($0.key)=\($0.value)" } + ["WEFT_PARENT=\(getpid())"]
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) } + [nil]
        defer { copies.forEach { free($0) } }
        return body(copies)
    }

    /// How a child ended.
    struct End {
        let pid: pid_t
        /// Nil if a signal ended it.
        let exitCode: Int32?
        let signal: Int32?

        var text: String {
            exitCode.map { "exit code \($0)" } ?? "signal \(signal ?? 0)"
        }
    }

    /// Every child that has ended since the last call.
    static func reap() -> [End] {
        var ends: [End] = []
        var status: Int32 = 0
        while true {
            let pid = waitpid(-1, &status, WNOHANG)
            guard pid > 0 else { return ends }
            let signal = status & 0x7f
            ends.append(
                End(
                    pid: pid, exitCode: signal == 0 ? (status >> 8) & 0xff : nil, signal: signal == 0 ? nil : signal))
        }
    }
}
