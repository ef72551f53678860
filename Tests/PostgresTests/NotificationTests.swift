import Postgres
import Testing

@Suite("A feed hears what is notified")
struct NotificationTests {
    @Test("it listens, hears in order, says when it was cut off, and listens again")
    func feed() async throws {
        let address = try TestServer.newDatabase()
        let pool = try TestServer.pool(on: address)
        let (events, continuation) = AsyncStream<NotificationFeed.Event>.makeStream()
        let feed = NotificationFeed(
            try PostgresConfig(address, application: "feed"), channel: "news", on: TestServer.loop
        ) { continuation.yield($0) }
        feed.start()
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next() == .listening)
        try await pool.run([
            Query("SELECT pg_notify('news', $1)", ["một"]), Query("SELECT pg_notify('other', 'no')"),
            Query("SELECT pg_notify('news', $1)", ["hai"]),
        ])
        #expect(await iterator.next() == .notified(payload: "một"))
        #expect(await iterator.next() == .notified(payload: "hai"))
        try await pool.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'feed' AND datname = current_database()"
        )
        guard case .lost = await iterator.next() else {
            Issue.record("a feed whose connection was killed must say so")
            return
        }
        #expect(await iterator.next() == .listening)
        try await pool.query("SELECT pg_notify('news', 'ba')")
        #expect(await iterator.next() == .notified(payload: "ba"))
        feed.stop()
    }
}
