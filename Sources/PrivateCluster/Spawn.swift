import Glibc

/// Starting programs by `posix_spawn`.
enum Spawn {
    /// The most that is kept of what a program prints.
    private static let longestOutput = 1 << 20

    /// Starts `command` in a process group of its own, so that a Ctrl-C for us is not one for it, with no signal blocked.
    /// Its errors go where its output goes; both stay ours if `output` is nil.
    static func start(_ command: [String], input: Int32?, output: Int32?) throws(ClusterFailure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        if let output {
            posix_spawn_file_actions_adddup2(&actions, output, 1)
            posix_spawn_file_actions_adddup2(&actions, output, 2)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        let arguments = command.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, command[0], &actions, &attributes, arguments, environ)
        guard code == 0 else {
            throw ClusterFailure("\(command[0]) cannot be started: \(String(cString: strerror(code)))")
        }
        return process
    }

    /// Runs `command` to its end; its output and errors in one text.
    static func run(_ command: [String]) throws(ClusterFailure) -> (status: Int32, output: String) {
        let ends = try Spawn.pipe()
        defer { close(ends.read) }
        let process: Int32
        do {
            process = try start(command, input: nil, output: ends.write)
            close(ends.write)
        } catch {
            close(ends.write)
            throw error
        }
        let output = readAll(ends.read)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        // As WIFEXITED and WEXITSTATUS do, which are macros.
        let code = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        return (code, output)
    }

    /// A pipe that no program started by somebody else inherits.
    static func pipe() throws(ClusterFailure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw ClusterFailure("a pipe cannot be made: \(lastError())") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    static func readAll(_ file: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(file, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { break }
            if bytes.count < longestOutput { bytes.append(contentsOf: buffer[..<count]) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
