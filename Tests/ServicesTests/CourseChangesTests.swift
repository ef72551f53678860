import Postgres
import Reactor
import Testing

@testable import Services

@Suite("A change at one replica reaches the watchers of all")
struct CourseChangesTests {
    private static let content = CourseContent(title: "T", summary: "", level: .unspecified, lessons: [], labels: [])
    private let ids = UniqueIDSource()

    /// The changes as another replica hears them, from when it listens.
    private func listen(on address: String) async throws -> (CourseChanges, NotificationFeed) {
        let changes = CourseChanges()
        let (ready, continuation) = AsyncStream<Void>.makeStream()
        let feed = NotificationFeed(
            try PostgresConfig(address, application: "feed"), channel: "course_changes", on: TestServer.loop
        ) { event in
            changes.hear(event)
            if event == .listening { continuation.finish() }
        }
        feed.start()
        for await _ in ready {}
        return (changes, feed)
    }

    @Test("created, updated, deleted: in order, with the course, at both replicas")
    func events() async throws {
        let address = try TestServer.newDatabase()
        let here = CourseStore(pool: try await TestServer.pool(on: address, CourseMigrations.all))
        let there = CourseStore(pool: try await TestServer.pool(on: address, CourseMigrations.all))
        let (first, firstFeed) = try await listen(on: address)
        let (second, secondFeed) = try await listen(on: address)
        var watches = [try first.watch().makeAsyncIterator(), try second.watch().makeAsyncIterator()]
        let course = try await here.insert(CourseChangesTests.content, as: ids.make(), before: nil)
        for index in watches.indices {
            let change = try #require(try await watches[index].next())
            #expect(change.kind == .created)
            #expect(try await change.course(from: there) == course)
        }
        let renamed = try await there.update(course.id, with: CoursePatch(title: "Mới"), wish: .any, before: nil)
        for index in watches.indices {
            let change = try #require(try await watches[index].next())
            #expect(change.kind == .updated)
            #expect(try await change.course(from: here) == renamed)
        }
        try await here.delete(course.id, wish: .any, before: nil)
        for index in watches.indices {
            let change = try #require(try await watches[index].next())
            #expect(change.kind == .deleted)
            let last = try #require(try await change.course(from: there))
            #expect(last.isDeleted && last.content.title == "Mới")
        }
        firstFeed.stop()
        secondFeed.stop()
    }

    @Test("what a failed update would have changed is not told")
    func undone() async throws {
        let address = try TestServer.newDatabase()
        let store = CourseStore(pool: try await TestServer.pool(on: address, CourseMigrations.all))
        let (changes, feed) = try await listen(on: address)
        var watch = try changes.watch().makeAsyncIterator()
        var content = CourseChangesTests.content
        let twin = Lesson(id: "same", title: "x", body: nil, minutes: nil)
        content.lessons = [twin, twin]
        let broken = content
        let failure = await caught { _ = try await store.insert(broken, as: ids.make(), before: nil) }
        #expect(failure != nil)
        let course = try await store.insert(CourseChangesTests.content, as: ids.make(), before: nil)
        #expect(try await watch.next()?.id == course.id)
        feed.stop()
    }

    @Test("an update that was overtaken by a deletion is left out: the deletion tells it")
    func overtaken() async throws {
        let store = try await TestServer.newCourseStore()
        let course = try await store.insert(CourseChangesTests.content, as: ids.make(), before: nil)
        try await store.delete(course.id, wish: .any, before: nil)
        let update = try #require(CourseChange("updated \(course.id) 2"))
        let deletion = try #require(CourseChange("deleted \(course.id) 3"))
        #expect(try await update.course(from: store) == nil)
        #expect(try await deletion.course(from: store)?.isDeleted == true)
    }

    @Test("watchers of one change ask the database once")
    func shared() async throws {
        let store = try await TestServer.newCourseStore()
        let course = try await store.insert(CourseChangesTests.content, as: ids.make(), before: nil)
        let change = try #require(CourseChange("created \(course.id) 1"))
        let found = try await withThrowingTaskGroup(of: Course?.self) { group in
            for _ in 0..<50 { group.addTask { try await change.course(from: store) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(found == Array(repeating: course, count: 50))
        let later = try await store.update(course.id, with: CoursePatch(title: "later"), wish: .any, before: nil)
        #expect(try await change.course(from: store) != later, "it was read already, once for all")
    }

    @Test("a watcher that is too slow is told so, after what it was sent")
    func slow() async throws {
        let changes = CourseChanges()
        changes.hear(.listening)
        let slow = try changes.watch()
        let id = ids.make()
        for number in 0...CourseChanges.longestQueue { changes.hear(.notified(payload: "updated \(id) \(number)")) }
        var count = 0
        let failure = await caught { for try await _ in slow { count += 1 } }
        #expect(count == CourseChanges.longestQueue)
        #expect(failure == .watch(.fellBehind))
        #expect(changes.watcherCount == 0)
    }

    @Test("watchers are cut off when changes may be missed, and new ones refused until the feed is back")
    func cutOff() async throws {
        let changes = CourseChanges()
        #expect(throws: CourseFailure.watch(.cutOff)) { try changes.watch() }
        changes.hear(.listening)
        let watch = try changes.watch()
        changes.hear(.lost(PostgresFailure(.lost, "gone")))
        #expect(await caught { for try await _ in watch {} } == .watch(.cutOff))
        #expect(throws: CourseFailure.watch(.cutOff)) { try changes.watch() }
        changes.hear(.listening)
        _ = try changes.watch()
    }

    @Test("watchers are counted, and one more than allowed is refused")
    func bounded() throws {
        let changes = CourseChanges()
        changes.hear(.listening)
        var watches: [CourseChanges.Watch] = []
        for _ in 0..<CourseChanges.mostWatchers { watches.append(try changes.watch()) }
        #expect(throws: CourseFailure.watch(.tooManyWatchers)) { try changes.watch() }
        watches.removeAll()
        #expect(changes.watcherCount == 0)
    }

    @Test(
        "a notification of a later version of the schema is passed over",
        arguments: ["", "moved x 1", "created y 1", "created"])
    func unknown(_ payload: String) {
        #expect(CourseChange(payload) == nil)
    }
}
