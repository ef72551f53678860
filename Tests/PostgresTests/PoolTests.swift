import Postgres
import Reactor
import Testing
import Timebase

@Suite("A pool is bounded and lets nobody wait in vain")
struct PoolTests {
    private static let sleep = Statement("sleep", "SELECT pg_sleep(600)")

    @Test("who finds the queue full is refused at once; who is in it is served")
    func bounds() async throws {
        let pool = try TestServer.newPool {
            $0.connections = 1
            $0.queue = 2
        }
        let gate = Gate()
        let holder = Task {
            try await pool.withTransaction { transaction in
                try await transaction.query("SELECT 1")
                await gate.passed()
            }
        }
        #expect(await eventually { await pool.currentStatistics().open == 1 })
        let waiters = (0..<2).map { index in
            Task { try await pool.query("SELECT $1::int8 AS n", [.integer(Int64(index))])[0].value("n", as: Int.self) }
        }
        #expect(await eventually { await pool.currentStatistics().waiting == 2 })
        let refused = await caught { try await pool.ping() }
        #expect(refused?.kind == .busy)
        #expect(refused?.isUnavailable == true)
        gate.open()
        try await holder.value
        #expect(try await waiters[0].value == 0)
        #expect(try await waiters[1].value == 1)
        #expect(await pool.currentStatistics().open == 1)
    }

    @Test("many callers share few connections")
    func sharing() async throws {
        let pool = try TestServer.newPool { $0.connections = 3 }
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...200 {
                group.addTask {
                    try await pool.query("SELECT $1::int8 AS n", [.integer(Int64(number))])[0].value("n")
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 20_100)
        #expect(await pool.currentStatistics().open <= 3)
    }

    @Test("a deadline ends a statement at the server too, and the connection serves again")
    func deadline() async throws {
        let pool = try TestServer.newPool { $0.connections = 1 }
        try await pool.ping()
        let late = await caught {
            try await pool.query(PoolTests.sleep, before: SystemClock.now.advanced(by: .milliseconds(30)))
        }
        #expect(late?.kind == .deadline)
        #expect(late?.statement == "sleep")
        #expect(late?.isUnavailable == false)
        let rows = try await pool.query(
            "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid() AND datname = current_database()"
        )
        #expect(try rows[0].value("n") == 0)
        #expect(await pool.currentStatistics().open == 1, "the connection was cancelled, not thrown away")
    }

    @Test("a deadline that has passed sends nothing, and one that passes in the queue neither")
    func lateBefore() async throws {
        let pool = try TestServer.newPool { $0.connections = 1 }
        #expect(await caught { try await pool.ping(before: SystemClock.now) }?.kind == .deadline)
        let gate = Gate()
        let holder = Task { try await pool.withTransaction { _ in await gate.passed() } }
        #expect(await eventually { await pool.currentStatistics().open == 1 })
        let waiting = await caught { try await pool.ping(before: SystemClock.now.advanced(by: .milliseconds(20))) }
        #expect(waiting?.kind == .deadline)
        #expect(waiting?.message == "no connection became free in time")
        gate.open()
        try await holder.value
        try await pool.ping()
    }

    @Test("a caller who leaves takes its statement along, waiting or running")
    func cancellation() async throws {
        let pool = try TestServer.newPool { $0.connections = 1 }
        let watcher = try TestServer.newPool()
        let running = Task { try await pool.query(Statement("sleeper", "SELECT pg_sleep(599)")) }
        func sleepers() async throws -> Int {
            try await watcher.query(
                "SELECT count(*) AS n FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(599)' AND state = 'active'")[
                    0
                ]
                .value("n")
        }
        #expect(try await eventually { try await sleepers() == 1 })
        let waiting = Task { try await pool.ping() }
        #expect(await eventually { await pool.currentStatistics().waiting == 1 })
        waiting.cancel()
        #expect(await caught { try await waiting.value }?.kind == .cancelled)
        running.cancel()
        #expect(await caught { try await running.value }?.kind == .cancelled)
        #expect(try await eventually { try await sleepers() == 0 })
        try await pool.ping()
    }

    @Test("calls that are cancelled at any moment leave the pool whole")
    func cancellationStorm() async throws {
        let pool = try TestServer.newPool { $0.connections = 2 }
        for round in 0..<60 {
            let tasks = (0..<6).map { _ in Task { try await pool.query("SELECT pg_sleep(0.002)") } }
            for _ in 0..<round { await Task.yield() }
            for task in tasks { task.cancel() }
            for task in tasks { _ = await task.result }
        }
        #expect(await eventually { await pool.currentStatistics().waiting == 0 })
        for number in 0..<20 {
            #expect(try await pool.query("SELECT $1::int8 AS n", [.integer(Int64(number))])[0].value("n") == number)
        }
    }

    @Test("a connection that is killed fails its statement as unavailable; the next statement gets a new one")
    func killed() async throws {
        let pool = try TestServer.newPool { $0.connections = 1 }
        let killer = try TestServer.newPool()
        let pid: Int64 = try await pool.query("SELECT pg_backend_pid() AS pid")[0].value("pid")
        let running = Task { try await pool.query(PoolTests.sleep) }
        #expect(
            try await eventually {
                try await killer.query(
                    "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [.integer(pid)]
                ).count == 1
            })
        try await killer.query("SELECT pg_terminate_backend($1)", [.integer(pid)])
        let lost = await caught { try await running.value }
        #expect(lost?.isUnavailable == true)
        #expect(lost?.statement == "sleep")
        let next: Int64 = try await pool.query("SELECT pg_backend_pid() AS pid")[0].value("pid")
        #expect(next != pid)
    }

    @Test("an idle connection that is killed is noticed before anybody gets it")
    func killedIdle() async throws {
        let pool = try TestServer.newPool { $0.connections = 1 }
        let killer = try TestServer.newPool()
        let pid: Int64 = try await pool.query("SELECT pg_backend_pid() AS pid")[0].value("pid")
        try await killer.query("SELECT pg_terminate_backend($1)", [.integer(pid)])
        #expect(await eventually { await pool.currentStatistics().open == 0 })
        try await pool.ping()
    }

    @Test("a closed pool refuses, and its connections go")
    func closed() async throws {
        let pool = try TestServer.newPool()
        try await pool.ping()
        pool.close()
        #expect(await caught { try await pool.ping() }?.kind == .closed)
        #expect(await pool.currentStatistics().open == 0)
    }

    @Test("an answer and a parameter of many megabytes pass")
    func large() async throws {
        let pool = try TestServer.newPool()
        let text = String(repeating: "ế", count: 4_000_000)
        let row = try await pool.query("SELECT $1::text || $1::text AS twice", [.text(text)])[0]
        #expect(try row.value("twice", as: String.self).utf8.count == 2 * text.utf8.count)
    }
}
