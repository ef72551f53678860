import Postgres
import PrivateCluster
import Reactor
import Testing
import Timebase

@Suite("A statement that fails says why")
struct FailureTests {
    @Test("the server's refusals carry SQLSTATE, constraint and the statement's name")
    func refused() async throws {
        let pool = try TestServer.newPool()
        try await pool.query(
            "CREATE TABLE things (id int PRIMARY KEY, size int CONSTRAINT size_is_positive CHECK (size > 0))")
        let insert = Statement("thing.insert", "INSERT INTO things VALUES ($1, $2)")
        #expect(try await pool.execute(insert, [1, 1]) == 1)
        let rows: [(Parameter, Parameter, SQLState, String)] = [
            (1, 1, .uniqueViolation, "things_pkey"),
            (2, -1, .checkViolation, "size_is_positive"),
            (nil, 1, .notNullViolation, ""),
            ("x", 1, .invalidText, ""),
        ]
        for (id, size, state, constraint) in rows {
            let failure = await caught { try await pool.execute(insert, [id, size]) }
            #expect(failure?.kind == .refused)
            #expect(failure?.sqlState == state)
            #expect(failure?.constraint == constraint)
            #expect(failure?.statement == "thing.insert")
            #expect(failure?.isUnavailable == false)
        }
        let syntax = await caught { try await pool.query("SELEKT 1") }
        #expect(syntax?.sqlState == .syntaxError)
        #expect(syntax?.description == #"postgres: syntax error at or near "SELEKT" (SQLSTATE 42601) [SELEKT 1]"#)
        #expect(try await pool.execute(insert, [3, 3]) == 1, "the connection is as good as before")
        #expect(await pool.currentStatistics().open == 1)
    }

    @Test("several statements in one trip all happen, or none")
    func batch() async throws {
        let pool = try TestServer.newPool()
        try await pool.query("CREATE TABLE things (id int PRIMARY KEY)")
        let insert = Statement("thing.insert", "INSERT INTO things VALUES ($1)")
        let replies = try await pool.run([
            insert.with(1), insert.with(2), Query("SELECT count(*) AS count FROM things"),
        ])
        #expect(replies.map(\.affected) == [1, 1, 1])
        #expect(try replies[2].rows[0].value("count") == 2)
        let failure = await caught { try await pool.run([insert.with(3), insert.with(1), insert.with(4)]) }
        #expect(failure?.sqlState == .uniqueViolation)
        #expect(try await pool.query("SELECT id FROM things").count == 2)
    }

    @Test("a schema that changes under a prepared statement costs one refusal at most")
    func changedSchema() async throws {
        let pool = try TestServer.newPool()
        try await pool.query("CREATE TABLE things (id int)")
        let all = Statement("things.all", "SELECT * FROM things")
        try await pool.query(all)
        try await pool.query("ALTER TABLE things ADD COLUMN name text")
        let failure = await caught { try await pool.query(all) }
        #expect(failure?.sqlState == .featureNotSupported)
        #expect(try await pool.query(all).isEmpty)
    }

    @Test("a statement that could not be prepared is prepared anew, also behind one that failed")
    func preparedLater() async throws {
        let pool = try TestServer.newPool()
        let count = Statement("things.count", "SELECT count(*) AS n FROM things")
        let other = Statement("other", "SELECT 1 FROM things WHERE id = $1")
        for _ in 0..<2 {
            #expect(await caught { try await pool.run([Query(count), other.with(1)]) }?.sqlState == .undefinedTable)
        }
        try await pool.query("CREATE TABLE things (id int)")
        let replies = try await pool.run([Query(count), other.with(1), other.with(2)])
        #expect(try replies[0].rows[0].value("n") == 0)
        #expect(await pool.currentStatistics().open == 1)
    }

    @Test("a database that is not there is unreachable, and says which")
    func missing() async throws {
        let pool = try TestServer.pool(on: TestServer.cluster.address(of: "nowhere"))
        let first = await caught { try await pool.ping() }
        #expect(first?.kind == .unreachable)
        #expect(first?.isUnavailable == true)
        #expect(first?.message.contains(#"database "nowhere" does not exist"#) == true)
        let second = await caught { try await pool.ping() }
        #expect(second?.kind == .unreachable, "while the pool rests, callers are told at once")
    }

    @Test("a host that has no address is unreachable")
    func unknownHost() async throws {
        let pool = try TestServer.pool(on: "postgresql://weft@no-such-host.invalid/x")
        let failure = await caught { try await pool.ping() }
        #expect(failure?.kind == .unreachable)
        #expect(failure?.message.contains("no-such-host.invalid") == true)
    }

    @Test("a pool finds its database again after it was away")
    func restart() async throws {
        let folder = "\(TestServer.cluster.folder)-restart"
        var options = PrivateCluster.Options(folder: folder)
        options.isDurable = false
        let first = try PrivateCluster.start(options)
        try first.createDatabase("again")
        let pool = try TestServer.pool(on: first.address(of: "again")) { $0.longestPause = .milliseconds(200) }
        try await pool.query("CREATE TABLE things (id int)")
        first.stop()
        #expect(await caught { try await pool.ping() }?.isUnavailable == true)
        #expect(await eventually { await caught { try await pool.ping() }?.kind == .unreachable })
        options.isDisposable = true
        let second = try PrivateCluster.start(options)
        #expect(await eventually { await pool.currentStatistics().open == 1 }, "nobody asked: the pool dials by itself")
        #expect(try await pool.query("SELECT id FROM things").isEmpty)
        second.stop()
        pool.close()
    }

    @Test("an address that cannot be read is refused before anything starts, without its password")
    func badAddress() {
        for address in [
            "postgres://user:secret@[::1/x", "postgres://user:secret@host/x?secret", "host=x secret", "secret\0",
        ] {
            let failure = #expect(throws: PostgresFailure.self) { try PostgresConfig(address, application: "tests") }
            #expect(failure?.message.hasPrefix("the database's address cannot be read") == true)
            #expect(failure?.message.contains("secret") == false)
        }
    }

    @Test("what a pool says of its target holds no password")
    func target() throws {
        let config = try PostgresConfig("postgres://ann:secret@db.example:6432/course", application: "tests")
        #expect(config.target == "database course at db.example:6432")
        var dumped = ""
        dump(config, to: &dumped)
        #expect(!dumped.contains("secret") && !"\(config)".contains("secret"))
    }
}
