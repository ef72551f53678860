/// One step of a schema, written once and never changed after it has run anywhere.
public struct Migration: Sendable {
    /// Counts from 1 without holes.
    public let version: Int
    public let name: String
    public let sql: String

    public init(_ version: Int, _ name: String, _ sql: String) {
        self.version = version
        self.name = name
        self.sql = sql
    }

    var title: String { "migration \(version) (\(name))" }
}

/// Why a schema could not be brought up to date.
public enum MigrationFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text of a migration is not the one that ran here.
    case changed(String)
    /// A migration before the last one that ran never did.
    case skipped(String)
    /// The statements of a migration failed; nothing of this run took effect.
    case failed(String, PostgresFailure)
    /// The database could not be asked.
    case database(PostgresFailure)

    public var description: String {
        switch self {
        case .changed(let title):
            "\(title) was changed after it had run on this database: restore its text and add a new migration instead"
        case .skipped(let title): "\(title) never ran on this database, though a later one did"
        case .failed(let title, let failure): "\(title) failed and was undone: \(failure)"
        case .database(let failure): "the schema cannot be read: \(failure)"
        }
    }
}
