import Reactor
import Timebase

/// Brings a database's schema up to date, once, however many replicas of a service start at the same time.
///
/// Everything happens in one transaction under an advisory lock: the second replica waits for the first one's commit and finds
/// nothing left to do. What ran is kept with the SHA-256 of its text in `weft_migrations`. A database that knows more
/// migrations than this build is let be: while versions roll, the older replica may restart.
public struct Migrator: Sendable {
    /// "weftmigr" in ASCII: the lock's number, the same for every service, since each has a database of its own.
    private static let lock: Int64 = 0x7765_6674_6d69_6772
    /// How long one run may take, waiting for another replica's included.
    private static let patience: Duration = .seconds(600)

    private let migrations: [Migration]

    public init(_ migrations: [Migration]) {
        for (index, migration) in migrations.enumerated() {
            precondition(migration.version == index + 1, "\(migration.title) is out of order: versions count from 1")
        }
        self.migrations = migrations
    }

    /// Applies what is missing and returns its titles.
    @discardableResult
    public func run(on pool: PostgresPool) async throws(MigrationFailure) -> [String] {
        let deadline = SystemClock.now.advanced(by: Migrator.patience)
        do {
            return try await pool.withTransaction(before: deadline) { transaction in
                try await apply(in: transaction)
            }
        } catch let failure as MigrationFailure {
            throw failure
        } catch let failure as PostgresFailure {
            throw .database(failure)
        } catch {
            preconditionFailure("a transaction throws what its body and Postgres throw, not \(error)")
        }
    }

    private func apply(in transaction: Transaction) async throws -> [String] {
        try await transaction.query(
            Statement("migrations.lock", "SELECT pg_advisory_xact_lock($1)"), [.integer(Migrator.lock)])
        try await transaction.query(
            Statement(
                "migrations.table",
                """
                CREATE TABLE IF NOT EXISTS weft_migrations (
                    version int PRIMARY KEY,
                    name text NOT NULL,
                    checksum bytea NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                )
                """))
        let checksums = try await checksums(in: transaction)
        let applied = try await appliedChecksums(in: transaction)
        try compare(checksums, with: applied)
        var titles: [String] = []
        for migration in migrations where applied[migration.version] == nil {
            do {
                try await transaction.script(migration.title, migration.sql)
            } catch {
                throw MigrationFailure.failed(migration.title, error)
            }
            try await transaction.query(
                Statement(
                    "migrations.record", "INSERT INTO weft_migrations (version, name, checksum) VALUES ($1, $2, $3)"),
                [.integer(Int64(migration.version)), .text(migration.name), .bytes(checksums[migration.version - 1])])
            titles.append(migration.title)
        }
        return titles
    }

    private func compare(_ checksums: [[UInt8]], with applied: [Int: [UInt8]]) throws(MigrationFailure) {
        let last = applied.keys.max() ?? 0
        for migration in migrations {
            guard let checksum = applied[migration.version] else {
                if migration.version < last { throw .skipped(migration.title) }
                continue
            }
            guard checksum == checksums[migration.version - 1] else { throw .changed(migration.title) }
        }
    }

    /// The server computes them: it has SHA-256, and nothing here needs it otherwise.
    private func checksums(in transaction: Transaction) async throws -> [[UInt8]] {
        let rows = try await transaction.query(
            Statement(
                "migrations.checksums",
                """
                SELECT sha256(convert_to(sql, 'UTF8')) AS checksum
                FROM unnest($1::text[]) WITH ORDINALITY AS migration (sql, place) ORDER BY place
                """),
            [.texts(migrations.map(\.sql))])
        return try rows.map { row in try row.value("checksum") }
    }

    private func appliedChecksums(in transaction: Transaction) async throws -> [Int: [UInt8]] {
        var checksums: [Int: [UInt8]] = [:]
        for row in try await transaction.query(
            Statement("migrations.applied", "SELECT version, checksum FROM weft_migrations"))
        {
            checksums[try row.value("version")] = try row.value("checksum")
        }
        return checksums
    }
}
