import Glibc
import Synchronization

/// A Postgres server of our own: a folder, a Unix socket, no port, and nobody else's data.
///
/// `weft up` runs one for the mesh on a laptop; tests run one that vanishes with them. The server ends with the process that
/// started it, even if that process is killed: a shell between the two waits on a pipe that closes with us. Everything
/// here blocks, and belongs to the start and the end of a program.
public final class PrivateCluster: Sendable {
    public struct Options: Sendable {
        /// Where the data, the log and (if its path is short enough) the socket are. Made if it is missing.
        public var folder: String
        /// Data survives a crash of the machine. Tests do without, and are many times faster.
        public var isDurable = true
        /// The folder is removed when the server ends.
        public var isDisposable = false
        /// The folder with `initdb` and `postgres`; found under `/usr/lib/postgresql` if nil.
        public var binaries: String?
        public var connections = 100

        public init(folder: String) {
            self.folder = folder
        }
    }

    /// The only user, and the server's superuser. Whoever reaches the socket is trusted: its folder has mode 0700.
    public static let user = "weft"
    /// How long a start may take; a crashed server replays its log first.
    private static let startPatienceMilliseconds = 60_000
    private static let stopPatienceMilliseconds = 20_000

    public let folder: String
    public let socketFolder: String
    /// What the server says goes here.
    public var logFile: String { "\(folder)/log" }
    private let tools: ClusterTools
    private let guardian: Mutex<Guardian?>

    /// The shell between us and the server.
    private struct Guardian: Sendable {
        let process: Int32
        let pipe: Int32
        let isDisposable: Bool
    }

    /// Starts the server in `options.folder`, after `initdb` if there is none yet, and waits until it takes connections.
    public static func start(_ options: Options) throws(ClusterFailure) -> PrivateCluster {
        let tools = try ClusterTools(options)
        return try PrivateCluster(options, tools)
    }

    /// A server in a new temporary folder that ends with this process and leaves nothing.
    public static func startDisposable() throws(ClusterFailure) -> PrivateCluster {
        var template = Array("/tmp/weft-pg-XXXXXX".utf8CString)
        guard let name = template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) else {  // not empty
            throw ClusterFailure("no temporary folder could be made under /tmp: \(lastError())")
        }
        var options = Options(folder: String(cString: name))
        options.isDurable = false
        options.isDisposable = true
        return try start(options)
    }

    private init(_ options: Options, _ tools: ClusterTools) throws(ClusterFailure) {
        try PrivateCluster.waitUntilFree(options.folder)
        self.tools = tools
        folder = options.folder
        socketFolder = ClusterTools.socketFolder(for: options.folder)
        try tools.prepare(options, socketFolder: socketFolder)
        let (process, pipe) = try tools.spawnServer(options, socketFolder: socketFolder)
        guardian = Mutex(Guardian(process: process, pipe: pipe, isDisposable: options.isDisposable))
        do {
            try waitUntilReady(process)
        } catch {
            stop()
            throw error
        }
    }

    deinit {
        stop()
    }

    /// The address of `database` for `DATABASE_URL`.
    public func address(of database: String) -> String {
        "postgresql:///\(database)?host=\(socketFolder)&user=\(PrivateCluster.user)"
    }

    /// Creates `database`, empty, unless it exists. The name is an SQL identifier.
    public func createDatabase(_ database: String) throws(ClusterFailure) {
        let isPlain = database.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard isPlain, !database.isEmpty else {
            throw ClusterFailure("a database cannot be called '\(database)': use lower-case letters, digits and _")
        }
        if try hasDatabase(database) { return }
        do {
            _ = try query("CREATE DATABASE \(database)")
        } catch {
            // Somebody else may have created it in between.
            guard try hasDatabase(database) else { throw error }
        }
    }

    private func hasDatabase(_ database: String) throws(ClusterFailure) -> Bool {
        try !query("SELECT 1 FROM pg_database WHERE datname = '\(database)'").isEmpty
    }

    /// Ends the server and waits for it. A disposable one is not even asked to write its data down.
    public func stop() {
        let guardian = guardian.withLock { guardian in
            defer { guardian = nil }
            return guardian
        }
        guard let guardian else { return }
        if guardian.isDisposable {
            let word = Array("now\n".utf8)
            _ = write(guardian.pipe, word, word.count)
        }
        close(guardian.pipe)
        var status: Int32 = 0
        while waitpid(guardian.process, &status, 0) < 0 && errno == EINTR {}
    }

    /// The server's own process id, while it runs.
    public var processID: Int32? {
        guard let line = ClusterTools.lines(of: "\(folder)/data/postmaster.pid").first else { return nil }
        return Int32(line)
    }

    private func query(_ sql: String) throws(ClusterFailure) -> String {
        try tools.run(
            "psql",
            [
                "--no-psqlrc", "--tuples-only", "--no-align", "--host", socketFolder, "--username", PrivateCluster.user,
                "--dbname", "postgres", "--command", sql,
            ])
    }

    /// One server a folder. One that is stopping (its process was restarted just now) is waited for.
    private static func waitUntilFree(_ folder: String) throws(ClusterFailure) {
        for _ in 0..<stopPatienceMilliseconds / 10 {
            let lines = ClusterTools.lines(of: "\(folder)/data/postmaster.pid")
            guard let process = lines.first.flatMap({ Int32($0) }), ClusterTools.isPostgres(process) else { return }
            guard lines.count >= 8, lines[7].hasPrefix("stopping") else {
                throw ClusterFailure(
                    "a Postgres server runs in \(folder) already, as process \(process): stop it, or choose another folder"
                )
            }
            usleep(10_000)
        }
        throw ClusterFailure("the Postgres server in \(folder) is stopping, but does not end")
    }

    /// The server writes its state into the eighth line of its pid file; `pg_ctl` waits in the same way.
    private func waitUntilReady(_ process: Int32) throws(ClusterFailure) {
        for _ in 0..<PrivateCluster.startPatienceMilliseconds / 10 {
            let lines = ClusterTools.lines(of: "\(folder)/data/postmaster.pid")
            if lines.count >= 8, lines[7].hasPrefix("ready") { return }
            var status: Int32 = 0
            if waitpid(process, &status, WNOHANG) == process {
                guardian.withLock { guardian in
                    if let pipe = guardian?.pipe { close(pipe) }
                    guardian = nil
                }
                throw ClusterFailure("postgres ended at its start: \(lastWords)")
            }
            usleep(10_000)
        }
        throw ClusterFailure("postgres was not ready in time: \(lastWords)")
    }

    private var lastWords: String {
        let last = ClusterTools.lines(of: logFile).suffix(3).joined(separator: " / ")
        return "\(last.isEmpty ? "it said nothing" : last) (see \(logFile))"
    }
}

/// Why a cluster could not be started: what, where, and if it is known what to do.
public struct ClusterFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public let message: String

    init(_ message: String) {
        self.message = message
    }

    public var description: String { message }
}

func lastError() -> String {
    String(cString: strerror(errno))
}
