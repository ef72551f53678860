import API
import Postgres
import Testing

@testable import Services

@Suite("The store keeps who finished what")
struct ProgressStoreTests {
    private let ids = UniqueIDSource()
    private let learner = LearnerID(text: "Nguyễn Văn A")

    private func newStore() async throws -> ProgressStore {
        ProgressStore(pool: try await TestServer.pool(on: TestServer.newDatabase(), ProgressMigrations.all))
    }

    @Test("recording again changes nothing: the first time stands")
    func idempotent() async throws {
        let store = try await newStore()
        let record = LessonRecord(learner: learner, course: ids.make(), lesson: "chao")
        let first = try await store.record(record, before: nil)
        #expect(first.finished.map(\.lesson) == ["chao"])
        #expect(try await store.record(record, before: nil) == first)
        #expect(try await store.find(learner, record.course, before: nil) == first)
    }

    @Test("lessons come in the order in which they were finished, of this learner and course alone")
    func order() async throws {
        let store = try await newStore()
        let course = ids.make()
        for lesson in ["c", "a", "b"] {
            _ = try await store.record(LessonRecord(learner: learner, course: course, lesson: lesson), before: nil)
        }
        _ = try await store.record(LessonRecord(learner: learner, course: ids.make(), lesson: "x"), before: nil)
        _ = try await store.record(
            LessonRecord(learner: LearnerID(text: "B"), course: course, lesson: "y"), before: nil)
        #expect(try await store.find(learner, course, before: nil).finished.map(\.lesson) == ["c", "a", "b"])
        #expect(try await store.find(LearnerID(text: "nobody"), course, before: nil).finished.isEmpty)
    }

    @Test("the same record from many callers at once is one record")
    func concurrent() async throws {
        let store = try await newStore()
        let record = LessonRecord(learner: learner, course: ids.make(), lesson: "chao")
        let found = try await withThrowingTaskGroup(of: Progress.self) { group in
            for _ in 0..<20 { group.addTask { try await store.record(record, before: nil) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(found.map { $0.finished.map(\.finishedAt) }).count == 1)
    }

    @Test("a request is refused with every field that is wrong")
    func invalid() {
        var request = LearnProgressV1.RecordLessonRequest()
        request.learnerId = " "
        request.courseId = "7"
        do {
            _ = try LessonRecord(request)
            Issue.record("it must be refused")
        } catch {
            guard case .invalid(let violations) = error else {
                Issue.record("refused as \(error)")
                return
            }
            #expect(
                violations.text
                    == "learner_id: must not be empty; course_id: '7' is not the id of a course: a UUID; lesson_id: must not be empty"
            )
        }
    }
}
