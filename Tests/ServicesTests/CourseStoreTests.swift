import Postgres
import Reactor
import Testing
import Timebase

@testable import Services

@Suite("The store keeps courses")
struct CourseStoreTests {
    private let ids = UniqueIDSource()

    private static let vietnamese = CourseContent(
        title: "Tiếng Việt 1", summary: "Chào bạn!\nTừ đầu.", level: .beginner,
        lessons: [
            Lesson(id: "chao", title: "Chào hỏi", body: .text("Xin chào \"bạn\" {1,2} \\ NULL"), minutes: 15),
            Lesson(id: "so-dem", title: "Số đếm", body: .video(url: "https://example.org/1"), minutes: nil),
            Lesson(id: "a", title: "Trống", body: nil, minutes: 0),
        ],
        labels: [.init(key: "lang", value: "vi"), .init(key: "ngữ", value: "")])

    private static let plain = CourseContent(title: "Plain", summary: "", level: .unspecified, lessons: [], labels: [])

    @Test("what is inserted is found, in every part", arguments: [vietnamese, plain])
    func insert(_ content: CourseContent) async throws {
        let store = try await TestServer.newCourseStore()
        let inserted = try await store.insert(content, as: ids.make(), before: nil)
        #expect(inserted.content == content)
        #expect(inserted.revision == 1)
        #expect(inserted.createdAt == inserted.updatedAt)
        #expect(try await store.find(inserted.id, before: nil) == inserted)
    }

    @Test("what was never there is not found")
    func missing() async throws {
        let store = try await TestServer.newCourseStore()
        let id = ids.make()
        #expect(await caught { _ = try await store.find(id, before: nil) } == .notFound(id.description))
        #expect(await caught { try await store.delete(id, wish: .any, before: nil) } == .notFound(id.description))
        #expect(
            await caught { _ = try await store.update(id, with: CoursePatch(title: "x"), wish: .any, before: nil) }
                == .notFound(id.description))
    }

    static let patches: [CoursePatch] = [
        CoursePatch(title: "Mới"), CoursePatch(summary: "Ngắn"), CoursePatch(level: .advanced),
        CoursePatch(lessons: [Lesson(id: "z", title: "Một mình", body: nil, minutes: 1)]),
        CoursePatch(labels: [.init(key: "a", value: "b")]),
    ]

    @Test("an update changes what it sets, and the etag", arguments: patches)
    func update(_ patch: CoursePatch) async throws {
        let store = try await TestServer.newCourseStore()
        let before = try await store.insert(CourseStoreTests.vietnamese, as: ids.make(), before: nil)
        let after = try await store.update(before.id, with: patch, wish: .exactly(before.etag), before: nil)
        #expect(after.content == patch.applied(to: before.content))
        #expect(after.content != before.content)
        #expect(after.etag != before.etag)
        #expect(after.createdAt == before.createdAt)
        #expect(after.updatedAt > before.updatedAt)
        #expect(try await store.find(before.id, before: nil) == after)
    }

    @Test("an update that sets nothing changes nothing, but its etag is looked at")
    func emptyUpdate() async throws {
        let store = try await TestServer.newCourseStore()
        let course = try await store.insert(CourseStoreTests.plain, as: ids.make(), before: nil)
        #expect(try await store.update(course.id, with: CoursePatch(), wish: .any, before: nil) == course)
        #expect(
            await caught { _ = try await store.update(course.id, with: CoursePatch(), wish: .never, before: nil) }
                == .stale(course.id.description))
    }

    @Test("of two updates with the same etag one is stale")
    func race() async throws {
        let store = try await TestServer.newCourseStore()
        let course = try await store.insert(CourseStoreTests.plain, as: ids.make(), before: nil)
        let outcomes = await withTaskGroup(of: CourseFailure?.self) { group in
            for number in 0..<8 {
                group.addTask {
                    await caught {
                        _ = try await store.update(
                            course.id, with: CoursePatch(title: "T\(number)"), wish: .exactly(course.etag), before: nil)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == nil } == 1)
        #expect(outcomes.count { $0 == .stale(course.id.description) } == 7)
        #expect(try await store.find(course.id, before: nil).revision == 2)
    }

    @Test("updates at once of different parts are all kept, lessons too")
    func mergedUpdates() async throws {
        let store = try await TestServer.newCourseStore()
        let course = try await store.insert(CourseStoreTests.vietnamese, as: ids.make(), before: nil)
        let lessons = (0..<20).map { number in
            (0...number).map { Lesson(id: "l\($0)", title: "L\(number)", body: nil, minutes: nil) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    _ = try await store.update(
                        course.id, with: CoursePatch(lessons: lessons[number]), wish: .any, before: nil)
                }
            }
            try await group.waitForAll()
        }
        let after = try await store.find(course.id, before: nil)
        #expect(after.revision == 21)
        #expect(lessons.contains(after.content.lessons), "one update's lessons, not a mixture")
    }

    @Test("a deleted course is not found, not updated, not listed; its row stays")
    func delete() async throws {
        let store = try await TestServer.newCourseStore()
        let course = try await store.insert(CourseStoreTests.vietnamese, as: ids.make(), before: nil)
        #expect(
            await caught { try await store.delete(course.id, wish: .exactly(Etag(revision: 7)), before: nil) }
                == .stale(course.id.description))
        try await store.delete(course.id, wish: .exactly(course.etag), before: nil)
        #expect(await caught { _ = try await store.find(course.id, before: nil) } == .notFound(course.id.description))
        #expect(
            await caught {
                _ = try await store.update(course.id, with: CoursePatch(title: "x"), wish: .any, before: nil)
            }
                == .notFound(course.id.description))
        #expect(try await store.page(after: nil, count: 10, before: nil).courses.isEmpty)
        #expect(try await store.findEvenDeleted(course.id, before: nil)?.isDeleted == true)
        try await store.delete(course.id, wish: .exactly(course.etag), before: nil)
        try await store.delete(course.id, wish: .any, before: nil)
        #expect(try await store.findEvenDeleted(course.id, before: nil)?.revision == 2, "the first time counts")
    }

    @Test("pages follow one another, oldest first, whatever their size", arguments: [1, 2, 3, 7, 8])
    func pages(_ size: Int) async throws {
        let store = try await TestServer.newCourseStore()
        var expected: [UniqueID] = []
        for number in 0..<7 {
            var content = CourseStoreTests.plain
            content.title = "Course \(number)"
            expected.append(try await store.insert(content, as: ids.make(), before: nil).id)
        }
        var found: [UniqueID] = []
        var hasMore = true
        while hasMore {
            let page = try await store.page(after: found.last, count: size, before: nil)
            #expect(page.courses.count <= size)
            found += page.courses.map(\.id)
            hasMore = page.hasMore
            try #require(!page.courses.isEmpty)
        }
        #expect(found == expected)
    }

    @Test("a page of heavy courses ends early and says that there is more")
    func heavyPage() async throws {
        let store = try await TestServer.newCourseStore()
        var content = CourseStoreTests.plain
        content.lessons = (0..<8).map {
            Lesson(id: "\($0)", title: "Heavy", body: .text(String(repeating: "x", count: 100_000)), minutes: nil)
        }
        for _ in 0..<6 { _ = try await store.insert(content, as: ids.make(), before: nil) }
        let page = try await store.page(after: nil, count: 100, before: nil)
        #expect(page.courses.count == 3)
        #expect(page.hasMore)
        let rest = try await store.page(after: page.courses.last?.id, count: 100, before: nil)
        #expect(rest.courses.count == 3)
        #expect(!rest.hasMore)
    }

    @Test("a lesson that Postgres refuses takes the whole course back")
    func atomicInsert() async throws {
        let store = try await TestServer.newCourseStore()
        var content = CourseStoreTests.plain
        content.lessons = [
            Lesson(id: "same", title: "1", body: nil, minutes: nil),
            Lesson(id: "same", title: "2", body: nil, minutes: nil),
        ]
        let id = ids.make()
        guard case .database(let failure) = await caught({ _ = try await store.insert(content, as: id, before: nil) })
        else {
            Issue.record("two lessons with one id must be refused")
            return
        }
        #expect(failure.sqlState == .uniqueViolation)
        #expect(failure.statement == "course.insert-lessons")
        #expect(try await store.findEvenDeleted(id, before: nil) == nil)
    }

    @Test("ids grow, even when the clock goes back")
    func growingIDs() {
        let source = UniqueIDSource(chance: Chance(seed: 1))
        var last = UniqueID(high: 0, low: 0)
        for seconds in [1000, 1000, 1000, 999, 1001, 5] as [Int64] {
            for _ in 0..<100 {
                let id = source.make(at: WallTime(seconds: seconds))
                #expect(id > last)
                #expect(id.high >> 12 & 0xf == 7 && id.low >> 62 == 2)
                last = id
            }
        }
    }
}

/// What a call failed with; nil if it did not.
func caught(_ call: () async throws -> Void) async -> CourseFailure? {
    do {
        try await call()
        return nil
    } catch {
        return error as? CourseFailure
    }
}
