/// SQL with places for parameters (`$1`, `$2`, ...), and the name under which failures speak of it.
///
/// A store keeps its statements as constants. Each connection prepares one at its first use and keeps it.
public struct Statement: Sendable, Hashable, ExpressibleByStringLiteral {
    public let name: String
    public let sql: String

    /// `name` is what logs and failures show: `course.find`.
    public init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }

    /// A statement that goes by its own first words.
    public init(stringLiteral sql: String) {
        self.init(Statement.firstWords(of: sql), sql)
    }

    private static func firstWords(of sql: String) -> String {
        let words = sql.split(whereSeparator: \.isWhitespace)
        return String(words.joined(separator: " ").prefix(48))
    }

    /// The statement with values for its places.
    public func with(_ parameters: Parameter...) -> Query {
        Query(self, parameters)
    }
}

/// A statement and the values for its places: what is sent.
public struct Query: Sendable {
    public let statement: Statement
    public let parameters: [Parameter]

    public init(_ statement: Statement, _ parameters: [Parameter] = []) {
        self.statement = statement
        self.parameters = parameters
    }
}
