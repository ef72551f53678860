import Postgres
import Testing

@Suite("Migrations run once, in order, and never change")
struct MigrationTests {
    private static let first = Migration(1, "things", "CREATE TABLE things (id int); INSERT INTO things VALUES (1);")
    private static let second = Migration(2, "names", "ALTER TABLE things ADD COLUMN name text NOT NULL DEFAULT 'ế';")

    @Test("they apply what is missing and then nothing")
    func idempotent() async throws {
        let pool = try TestServer.newPool()
        #expect(try await Migrator([MigrationTests.first]).run(on: pool) == ["migration 1 (things)"])
        let both = Migrator([MigrationTests.first, MigrationTests.second])
        #expect(try await both.run(on: pool) == ["migration 2 (names)"])
        #expect(try await both.run(on: pool) == [])
        #expect(try await pool.query("SELECT name FROM things")[0].value("name") == "ế")
    }

    @Test("replicas that start at once do not get in each other's way")
    func concurrent() async throws {
        let address = try TestServer.newDatabase()
        let migrator = Migrator([MigrationTests.first, MigrationTests.second])
        let applied = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<6 {
                let pool = try TestServer.pool(on: address)
                group.addTask { try await migrator.run(on: pool) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied == ["migration 1 (things)", "migration 2 (names)"])
    }

    @Test("a past migration whose text changed is refused by its name")
    func changed() async throws {
        let pool = try TestServer.newPool()
        try await Migrator([MigrationTests.first, MigrationTests.second]).run(on: pool)
        let edited = Migration(1, "things", MigrationTests.first.sql + " ")
        await #expect(throws: MigrationFailure.changed("migration 1 (things)")) {
            try await Migrator([edited, MigrationTests.second]).run(on: pool)
        }
    }

    @Test("a hole in what ran is refused")
    func skipped() async throws {
        let pool = try TestServer.newPool()
        try await Migrator([MigrationTests.first, MigrationTests.second]).run(on: pool)
        try await pool.query("DELETE FROM weft_migrations WHERE version = 1")
        await #expect(throws: MigrationFailure.skipped("migration 1 (things)")) {
            try await Migrator([MigrationTests.first, MigrationTests.second]).run(on: pool)
        }
    }

    @Test("a migration that fails leaves nothing of its run behind, and is named")
    func failed() async throws {
        let pool = try TestServer.newPool()
        let broken = Migration(2, "broken", "CREATE TABLE more (id int); SELECT nonsense;")
        let failure = await #expect(throws: MigrationFailure.self) {
            try await Migrator([MigrationTests.first, broken]).run(on: pool)
        }
        #expect(failure?.description.hasPrefix("migration 2 (broken) failed and was undone: ") == true)
        #expect(
            try await pool.query("SELECT to_regclass('things')::text AS name")[0].value("name", as: String?.self) == nil
        )
        #expect(try await Migrator([MigrationTests.first]).run(on: pool) == ["migration 1 (things)"])
    }

    @Test("a database that is ahead of this build is let be")
    func ahead() async throws {
        let pool = try TestServer.newPool()
        try await Migrator([MigrationTests.first, MigrationTests.second]).run(on: pool)
        #expect(try await Migrator([MigrationTests.first]).run(on: pool) == [])
    }
}
