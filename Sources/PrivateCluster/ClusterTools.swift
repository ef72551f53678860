import Glibc

/// The programs of an installed Postgres, and whom they run as: it refuses to run as root.
struct ClusterTools: Sendable {
    private let binaries: String
    /// What stands before a command so that it runs as another user; empty if we are not root.
    private let prefix: [String]
    private let owner: (user: uid_t, group: gid_t)?
    /// The longest path of a Unix socket is 107 bytes, and the server's adds `/.s.PGSQL.5432.lock` to the folder.
    private static let longestSocketFolder = 107 - 20

    init(_ options: PrivateCluster.Options) throws(ClusterFailure) {
        if let chosen = options.binaries { binaries = chosen } else { binaries = try ClusterTools.installed() }
        guard access("\(binaries)/postgres", X_OK) == 0 else {
            throw ClusterFailure(
                "there is no postgres in \(binaries): install the package postgresql, or name its folder")
        }
        guard geteuid() == 0 else {
            prefix = []
            owner = nil
            return
        }
        guard let entry = getpwnam("postgres") else {
            throw ClusterFailure("postgres refuses to run as root, and there is no user postgres to run it as")
        }
        owner = (entry.pointee.pw_uid, entry.pointee.pw_gid)
        prefix = ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
    }

    /// The newest of `/usr/lib/postgresql/*/bin`, which is where Debian puts them.
    private static func installed() throws(ClusterFailure) -> String {
        let root = "/usr/lib/postgresql"
        var versions: [Int] = []
        if let folder = opendir(root) {
            defer { closedir(folder) }
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if let version = Int(name), access("\(root)/\(name)/bin/postgres", X_OK) == 0 {
                    versions.append(version)
                }
            }
        }
        guard let newest = versions.max() else {
            throw ClusterFailure("no Postgres server is installed under \(root): apt-get install postgresql")
        }
        return "\(root)/\(newest)/bin"
    }

    /// `folder/run`, or a folder under `/tmp` that belongs to `folder` alone when that path is too long for a socket.
    static func socketFolder(for folder: String) -> String {
        let inside = "\(folder)/run"
        if inside.utf8.count <= longestSocketFolder, folder.hasPrefix("/") { return inside }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
        for byte in folder.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return "/tmp/weft-\(getuid())-\(String(hash, radix: 36))"
    }

    /// Makes the folders, gives them to the user that the server runs as, and fills the data folder if it is new.
    func prepare(_ options: PrivateCluster.Options, socketFolder: String) throws(ClusterFailure) {
        try makeFolder(options.folder, mode: 0o755)
        try makeFolder("\(options.folder)/data", mode: 0o700)
        try makeFolder(socketFolder, mode: 0o700)
        try give(options.folder)
        try give("\(options.folder)/data")
        try give(socketFolder)
        guard access("\(options.folder)/data/PG_VERSION", F_OK) != 0 else { return }
        var arguments = [
            "--pgdata", "\(options.folder)/data", "--username", PrivateCluster.user, "--auth", "trust", "--encoding",
            "UTF8",
            "--locale", "C.UTF-8",
        ]
        if !options.isDurable { arguments.append("--no-sync") }
        _ = try run("initdb", arguments)
    }

    /// Starts the server behind a shell that ends it when the pipe to us closes. Answers the shell's id and the pipe.
    func spawnServer(
        _ options: PrivateCluster.Options, socketFolder: String
    ) throws(ClusterFailure) -> (process: Int32, pipe: Int32) {
        var server = [
            "\(binaries)/postgres", "-D", "\(options.folder)/data", "-k", socketFolder, "-c", "listen_addresses=", "-c",
            "max_connections=\(options.connections)", "-c", "log_min_messages=warning",
        ]
        if !options.isDurable {
            server += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        }
        // SIGQUIT ends the server at once, SIGINT after it wrote its data down.
        let script = """
            exec 3<&0
            folder=$1 sockets=$2 disposable=$3; shift 3
            "$@" </dev/null >>"$folder/log" 2>&1 &
            server=$!
            (read -r word; if [ "$word" = now ]; then kill -QUIT $server; else kill -INT $server; fi) <&3 2>/dev/null &
            reader=$!
            wait $server; status=$?
            kill $reader 2>/dev/null
            if [ "$disposable" = yes ]; then rm -rf "$folder" "$sockets"; fi
            exit $status
            """
        let ends = try Spawn.pipe()
        defer { close(ends.read) }
        do {
            let process = try Spawn.start(
                [
                    "/bin/sh", "-c", script, "weft-postgres", options.folder, socketFolder,
                    options.isDisposable ? "yes" : "no",
                ] + prefix + server,
                input: ends.read, output: nil)
            return (process, ends.write)
        } catch {
            close(ends.write)
            throw error
        }
    }

    /// Runs one of Postgres's programs to its end and returns what it printed.
    func run(_ program: String, _ arguments: [String]) throws(ClusterFailure) -> String {
        let result = try Spawn.run(prefix + ["\(binaries)/\(program)"] + arguments)
        guard result.status == 0 else {
            let said = result.output.split(whereSeparator: \.isNewline).joined(separator: " / ")
            throw ClusterFailure("\(program) failed: \(said)")
        }
        return result.output
    }

    /// Whether a process is a Postgres server: a pid file may be older than the process that has its number now.
    static func isPostgres(_ process: Int32) -> Bool {
        lines(of: "/proc/\(process)/comm").first == "postgres"
    }

    /// The lines of a small file; none if it cannot be read.
    static func lines(of path: String) -> [String] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        return Spawn.readAll(file).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private func makeFolder(_ path: String, mode: mode_t) throws(ClusterFailure) {
        guard mkdir(path, mode) != 0 else {
            chmod(path, mode)
            return
        }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeFolder(String(path[..<slash]), mode: 0o755)
            try makeFolder(path, mode: mode)
            return
        }
        guard errno == EEXIST else { throw ClusterFailure("the folder \(path) cannot be made: \(lastError())") }
    }

    private func give(_ path: String) throws(ClusterFailure) {
        guard let owner else { return }
        guard chown(path, owner.user, owner.group) == 0 else {
            throw ClusterFailure("the folder \(path) cannot be given to the user postgres: \(lastError())")
        }
    }
}
