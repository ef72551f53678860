import CPostgres

/// A statement with its parameters in the form in which they are sent: what could be refused here has been.
struct EncodedQuery: Sendable {
    let statement: Statement
    let parameters: EncodedParameters

    init(_ query: Query) throws(PostgresFailure) {
        statement = query.statement
        do {
            parameters = try EncodedParameters(query.parameters)
        } catch {
            throw error.naming(query.statement.name)
        }
    }

    static func encode(_ queries: [Query]) throws(PostgresFailure) -> [EncodedQuery] {
        var encoded: [EncodedQuery] = []
        encoded.reserveCapacity(queries.count)
        for query in queries { encoded.append(try EncodedQuery(query)) }
        return encoded
    }

    /// A statement without parameters, of our own.
    init(own sql: String) {
        statement = Statement("weft \(sql.lowercased())", sql)
        do {
            parameters = try EncodedParameters([])
        } catch {
            preconditionFailure("no parameters are always valid: \(error)")
        }
    }
}

/// What is sent to the server in one go.
enum Batch: Sendable {
    /// Statements with a sync at their end: they all happen, or none of them (PostgreSQL 15, 34.5.1.3), unless they say
    /// BEGIN and COMMIT themselves.
    case queries([EncodedQuery])
    /// SQL text that may hold several statements and returns nothing: migrations.
    case script(name: String, sql: String)
}

typealias BatchResult = Result<[Reply], PostgresFailure>

/// The batch that is under way on a connection, and what came back so far.
struct Work {
    /// What the server was asked for, in order: one set of results comes for each.
    enum Step {
        case prepare(Statement)
        case execute(Statement)
        case script(String)
    }

    let steps: [Step]
    let isScript: Bool
    /// Nil when the one who asked has left.
    var done: ((BatchResult) -> Void)?
    var position = 0
    var replies: [Reply] = []
    var failure: PostgresFailure?

    init(_ steps: [Step], isScript: Bool, done: @escaping (BatchResult) -> Void) {
        self.steps = steps
        self.isScript = isScript
        self.done = done
    }

    var result: BatchResult {
        if let failure { return .failure(failure) }
        return .success(replies)
    }

    /// The step that results belong to now.
    var current: Step? { position < steps.count ? steps[position] : nil }

    var statementName: String {
        switch current {
        case .prepare(let statement), .execute(let statement): statement.name
        case .script(let name): name
        case nil: ""
        }
    }
}
