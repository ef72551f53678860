import Postgres
import Reactor
import Testing

@Suite("A transaction happens as a whole")
struct TransactionTests {
    private struct Stop: Error {}

    private func newPool() async throws -> PostgresPool {
        let pool = try TestServer.newPool { $0.connections = 2 }
        try await pool.query("CREATE TABLE things (id int PRIMARY KEY)")
        return pool
    }

    private func count(_ pool: PostgresPool) async throws -> Int {
        try await pool.query("SELECT count(*) AS n FROM things")[0].value("n")
    }

    @Test("it commits when its body returns, and nobody sees it before")
    func commit() async throws {
        let pool = try await newPool()
        let inside = try await pool.withTransaction { transaction in
            try await transaction.query("INSERT INTO things VALUES (1)")
            #expect(try await count(pool) == 0)
            return try await transaction.execute("INSERT INTO things VALUES (2), (3)")
        }
        #expect(inside == 2)
        #expect(try await count(pool) == 3)
    }

    @Test("it is undone when its body throws, and the connection is clean")
    func rollback() async throws {
        let pool = try await newPool()
        await #expect(throws: Stop.self) {
            try await pool.withTransaction { transaction in
                try await transaction.query("INSERT INTO things VALUES (1)")
                throw Stop()
            }
        }
        for _ in 0..<4 { #expect(try await count(pool) == 0) }
        #expect(
            try await pool.query("SELECT pg_current_xact_id_if_assigned()::text AS id")[0].value("id", as: String?.self)
                == nil)
    }

    @Test("a statement that failed and was overlooked does not commit")
    func overlooked() async throws {
        let pool = try await newPool()
        let failure = await caught {
            try await pool.withTransaction { transaction in
                try await transaction.query("INSERT INTO things VALUES (1)")
                _ = try? await transaction.query("INSERT INTO things VALUES (1)")
            }
        }
        #expect(failure?.sqlState == .failedTransaction)
        #expect(try await count(pool) == 0)
    }

    @Test("the last statements may travel with the commit")
    func commitAfter() async throws {
        let pool = try await newPool()
        try await pool.withTransaction { transaction in
            try await transaction.query("INSERT INTO things VALUES (1)")
            let replies = try await transaction.commit(after: [Query("INSERT INTO things VALUES (2)")])
            #expect(replies.map(\.affected) == [1])
            #expect(await caught { try await transaction.query("SELECT 1") }?.kind == .closed)
        }
        #expect(try await count(pool) == 2)
        let failure = await caught {
            try await pool.withTransaction { try await $0.commit(after: [Query("INSERT INTO things VALUES (9), (9)")]) }
        }
        #expect(failure?.sqlState == .uniqueViolation)
        #expect(try await count(pool) == 2)
    }

    @Test("one whose caller left is undone")
    func cancelled() async throws {
        let pool = try await newPool()
        let task = Task {
            try await pool.withTransaction { transaction in
                try await transaction.query("INSERT INTO things VALUES (1)")
                try await transaction.query("SELECT pg_sleep(598)")
            }
        }
        #expect(
            try await eventually {
                try await pool.query(
                    "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(598)' AND state = 'active'"
                ).count == 1
            })
        task.cancel()
        #expect(await caught { try await task.value }?.kind == .cancelled)
        // The lock on the row of id 1 is gone as soon as the transaction is.
        #expect(try await pool.execute("INSERT INTO things VALUES (1)") == 1)
        #expect(try await count(pool) == 1)
    }

    @Test("two that lock each other out: one of them is a conflict, to be run again")
    func deadlock() async throws {
        let pool = try await newPool()
        try await pool.query("INSERT INTO things VALUES (1), (2)")
        let lock = Statement("lock", "SELECT id FROM things WHERE id = $1 FOR UPDATE")
        let gates = [Gate(), Gate()]
        let tasks = (0..<2).map { index in
            Task {
                try await pool.withTransaction { transaction in
                    try await transaction.query(lock, [.integer(Int64(index + 1))])
                    gates[index].open()
                    await gates[1 - index].passed()
                    try await transaction.query(lock, [.integer(Int64(2 - index))])
                }
            }
        }
        var conflicts = 0
        for task in tasks {
            if let failure = await caught({ try await task.value }) {
                #expect(failure.isConflict)
                conflicts += 1
            }
        }
        #expect(conflicts == 1)
    }
}
