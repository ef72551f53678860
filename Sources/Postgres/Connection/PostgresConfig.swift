import CPostgres

/// Where a database is, and how much of it one process takes. Valid as soon as it exists.
public struct PostgresConfig: Sendable {
    /// What libpq is told, in its own words (PostgreSQL 15, 34.1.2).
    let settings: [Setting]
    public var limits: PostgresLimits

    struct Setting: Sendable, Equatable {
        var keyword: String
        var value: String
    }

    /// Reads `postgres://user:password@host:port/database?sslmode=verify-full`, or libpq's `host=... dbname=...`. What the text
    /// leaves open, libpq takes from its own environment variables (`PGHOST`, `PGPASSWORD`, ...).
    public init(
        _ url: String, application: String, limits: PostgresLimits = PostgresLimits()
    ) throws(PostgresFailure) {
        var settings = try PostgresConfig.parse(url)
        func add(_ keyword: String, _ value: String) {
            if !settings.contains(where: { $0.keyword == keyword }) {
                settings.append(Setting(keyword: keyword, value: value))
            }
        }
        add("application_name", application)
        add("client_encoding", "UTF8")
        // A peer that vanished without a word: noticed within 10 s even while nothing is sent or nothing is acknowledged.
        add("keepalives_idle", "5")
        add("keepalives_interval", "2")
        add("keepalives_count", "3")
        add("tcp_user_timeout", "10000")
        self.settings = settings
        self.limits = limits
    }

    /// Who is connected to what, without the password: for logs and failures.
    public var target: String {
        func value(_ keyword: String) -> String? { settings.first { $0.keyword == keyword }?.value }
        let database = value("dbname") ?? value("user") ?? ""
        let host = value("host") ?? value("hostaddr") ?? "the default socket"
        let port = value("port").map { ":\($0)" } ?? ""
        return "database \(database) at \(host)\(host.hasPrefix("/") ? "" : port)"
    }

    private static func parse(_ url: String) throws(PostgresFailure) -> [Setting] {
        var message: UnsafeMutablePointer<CChar>?
        guard !url.utf8.contains(0), let options = PQconninfoParse(url, &message) else {
            defer { PQfreemem(message) }
            let reason = message.map { Text.withoutQuotes(Text.line($0)) } ?? "it has a NUL byte in it"
            throw PostgresFailure(.unreachable, "the database's address cannot be read: \(reason)")
        }
        defer { PQconninfoFree(options) }
        var settings: [Setting] = []
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                settings.append(Setting(keyword: String(cString: keyword), value: String(cString: value)))
            }
            option += 1
        }
        return settings
    }
}

/// Printing a configuration shows its target, not its password.
extension PostgresConfig: CustomStringConvertible, CustomReflectable {
    public var description: String { target }
    public var customMirror: Mirror { Mirror(self, children: ["target": target, "limits": limits]) }
}

/// How much a pool takes and how long it waits. Each default with its reason.
public struct PostgresLimits: Sendable {
    /// Connections of one loop. A connection is a process of the server; few busy ones do more work than many.
    public var connections = 8
    /// Calls that may wait for a connection; more are refused at once, because they would only wait in vain.
    public var queue = 256
    /// The longest that a statement without a deadline of its own may take, waiting included.
    public var statementTimeout: Duration = .seconds(30)
    public var connectTimeout: Duration = .seconds(5)
    /// The pause after the first failed dial; it doubles up to `longestPause`, give or take a fifth.
    public var firstPause: Duration = .milliseconds(100)
    /// Short, because a database that is back should be found quickly and a dial every few seconds costs nothing.
    public var longestPause: Duration = .seconds(5)
    /// An idle connection is closed after so long, but for one.
    public var idleTimeout: Duration = .seconds(300)
    /// A connection is replaced after so long: its process may have grown, and the server's place may have moved.
    public var longestAge: Duration = .seconds(1800)
    /// A cancelled statement must have ended within this, or its connection is dropped.
    public var cancelGrace: Duration = .seconds(5)
    /// Statements that a connection keeps prepared; what comes after is parsed at each use.
    public var preparedStatements = 256

    public init() {}
}

/// Texts from libpq, which end with line feeds and may have several lines.
enum Text {
    static func line(_ text: UnsafePointer<CChar>) -> String {
        String(cString: text).split { $0.isNewline || $0 == "\t" }.joined(separator: " ")
    }

    /// Leaves out what stands in quotes: of an address that it cannot read libpq quotes all, the password included.
    static func withoutQuotes(_ text: String) -> String {
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.enumerated().map { $0.offset % 2 == 0 ? String($0.element) : "..." }.joined()
    }
}
