import Postgres
import Timebase

/// The courses in their database: all SQL about them.
struct CourseStore: Sendable {
    let pool: PostgresPool

    /// What a page of a list may weigh: well under the 4 MiB that a gRPC client takes by default.
    static let heaviestPage = 2 << 20

    /// Adds a course and answers it with its times.
    func insert(_ content: CourseContent, as id: UniqueID, before deadline: Instant?) async throws(CourseFailure)
        -> Course
    {
        try await asking { () throws(PostgresFailure) in
            var queries = [
                CourseStore.insert.with(
                    .uuid(id), .text(content.title), .text(content.summary), .text(content.level.rawValue),
                    .texts(content.labels.map(\.key)), .texts(content.labels.map(\.value)),
                    .integer(Int64(content.weight)))
            ]
            if !content.lessons.isEmpty { queries.append(CourseStore.insertLessons(content.lessons, of: id)) }
            let row = try await pool.run(queries, before: deadline)[0].rows[0]
            return Course(
                id: id, content: content, createdAt: try row.value("created_at"),
                updatedAt: try row.value("updated_at"),
                revision: 1)
        }
    }

    /// The course, if it is there and not deleted.
    func find(_ id: UniqueID, before deadline: Instant?) async throws(CourseFailure) -> Course {
        guard let course = try await findEvenDeleted(id, before: deadline), !course.isDeleted else {
            throw .notFound(id.description)
        }
        return course
    }

    func findEvenDeleted(_ id: UniqueID, before deadline: Instant?) async throws(CourseFailure) -> Course? {
        try await asking { () throws(PostgresFailure) in
            try await pool.query(CourseStore.find, [.uuid(id)], before: deadline).first.map {
                row throws(PostgresFailure) in
                try Course(row)
            }
        }
    }

    /// The courses after `last`, oldest first: at most `count`, fewer if they are heavy. `hasMore` says that others follow.
    func page(
        after last: UniqueID?, count: Int, before deadline: Instant?
    ) async throws(CourseFailure) -> (courses: [Course], hasMore: Bool) {
        try await asking { () throws(PostgresFailure) in
            let rows = try await pool.query(
                CourseStore.page,
                [
                    .uuid(last ?? UniqueID(high: 0, low: 0)), .integer(Int64(count + 1)),
                    .integer(Int64(CourseStore.heaviestPage)),
                ],
                before: deadline)
            var courses: [Course] = []
            for row in rows.prefix(count) { courses.append(try Course(row)) }
            let found: Int = try rows.first?.value("found") ?? 0
            return (courses, found > courses.count)
        }
    }

    /// Changes a course if its etag is the wished one. Two changes at once happen one after the other.
    func update(
        _ id: UniqueID, with patch: CoursePatch, wish: EtagWish, before deadline: Instant?
    ) async throws(CourseFailure) -> Course {
        try await inTransaction(before: deadline) { transaction in
            // The lock comes first and alone: a statement that waits for a row sees other tables as they were before it waited.
            let replies = try await transaction.run([
                CourseStore.lock.with(.uuid(id)), CourseStore.find.with(.uuid(id)),
            ])
            guard let row = replies[1].rows.first, case var course = try Course(row), !course.isDeleted else {
                throw CourseFailure.notFound(id.description)
            }
            guard wish.accepts(course.etag) else { throw CourseFailure.stale(id.description) }
            if patch.isEmpty { return course }
            course.content = patch.applied(to: course.content)
            guard course.content.weight <= CourseContent.heaviest else {
                throw CourseFailure.tooHeavy(course.content.weight)
            }
            var queries = [
                CourseStore.update.with(
                    .uuid(id), .text(course.content.title), .text(course.content.summary),
                    .text(course.content.level.rawValue), .texts(course.content.labels.map(\.key)),
                    .texts(course.content.labels.map(\.value)), .integer(Int64(course.content.weight)))
            ]
            if let lessons = patch.lessons {
                queries.append(CourseStore.deleteLessons.with(.uuid(id)))
                queries.append(CourseStore.insertLessons(lessons, of: id))
            }
            let changed = try await transaction.commit(after: queries)[0].rows[0]
            course.updatedAt = try changed.value("updated_at")
            course.revision = try changed.value("revision")
            return course
        }
    }

    /// Marks a course as deleted. Deleting it again is fine: the caller's first attempt may have got through.
    func delete(_ id: UniqueID, wish: EtagWish, before deadline: Instant?) async throws(CourseFailure) {
        try await inTransaction(before: deadline) { transaction in
            guard let row = try await transaction.query(CourseStore.lock, [.uuid(id)]).first else {
                throw CourseFailure.notFound(id.description)
            }
            let revision: Int64 = try row.value("revision")
            let isDeleted: Bool = try row.value("is_deleted")
            // Deleting counted as a change too: who deletes again names the version before.
            let seen = Etag(revision: isDeleted ? revision - 1 : revision)
            guard wish.accepts(seen) else { throw CourseFailure.stale(id.description) }
            if !isDeleted { try await transaction.commit(after: [CourseStore.delete.with(.uuid(id))]) }
        }
    }

    /// The key that page tokens are sealed with, the same for all replicas.
    func pageKey(before deadline: Instant?) async throws(CourseFailure) -> UniqueID {
        try await asking { () throws(PostgresFailure) in
            try await pool.query(Statement("course.page-key", "SELECT key FROM page_keys"), before: deadline)[0].value(
                "key")
        }
    }

    // MARK: - Failures are translated here, once

    private func asking<Value>(
        _ body: () async throws(PostgresFailure) -> Value
    ) async throws(CourseFailure) -> Value {
        do {
            return try await body()
        } catch {
            throw .database(error)
        }
    }

    private func inTransaction<Value>(
        before deadline: Instant?, _ body: (Transaction) async throws -> Value
    ) async throws(CourseFailure) -> Value {
        do {
            return try await pool.withTransaction(before: deadline, body)
        } catch let failure as CourseFailure {
            throw failure
        } catch let failure as PostgresFailure {
            throw .database(failure)
        } catch {
            preconditionFailure("a transaction throws what its body and Postgres throw, not \(error)")
        }
    }
}

// MARK: - Statements

extension CourseStore {
    private static let columns = """
        courses.id, courses.title, courses.summary, courses.level, courses.revision, courses.created_at,
        courses.updated_at, courses.deleted_at IS NOT NULL AS is_deleted,
        ARRAY(SELECT key FROM jsonb_each_text(courses.labels) ORDER BY key) AS label_keys,
        ARRAY(SELECT value FROM jsonb_each_text(courses.labels) ORDER BY key) AS label_values,
        ordered.ids, ordered.titles, ordered.texts, ordered.urls, ordered.minutes
        """

    private static let lessons = """
        LEFT JOIN LATERAL (
            SELECT array_agg(id ORDER BY place) AS ids, array_agg(title ORDER BY place) AS titles,
                array_agg(body_text ORDER BY place) AS texts, array_agg(video_url ORDER BY place) AS urls,
                array_agg(minutes ORDER BY place) AS minutes
            FROM lessons WHERE lessons.course_id = courses.id
        ) AS ordered ON true
        """

    private static let find = Statement(
        "course.find", "SELECT \(columns) FROM courses \(lessons) WHERE courses.id = $1")

    private static let page = Statement(
        "course.page",
        """
        WITH candidates AS (
            SELECT id, weight FROM courses WHERE deleted_at IS NULL AND id > $1 ORDER BY id LIMIT $2
        ), weighed AS (
            SELECT id, sum(weight) OVER (ORDER BY id) - weight AS before, count(*) OVER () AS found FROM candidates
        )
        SELECT \(columns), weighed.found
        FROM weighed JOIN courses ON courses.id = weighed.id \(lessons)
        WHERE weighed.before < $3 ORDER BY courses.id
        """)

    private static let insert = Statement(
        "course.insert",
        """
        INSERT INTO courses (id, title, summary, level, labels, weight)
        VALUES ($1, $2, $3, $4, jsonb_object($5::text[], $6::text[]), $7) RETURNING created_at, updated_at
        """)

    private static let lock = Statement(
        "course.lock", "SELECT revision, deleted_at IS NOT NULL AS is_deleted FROM courses WHERE id = $1 FOR UPDATE")

    private static let update = Statement(
        "course.update",
        """
        UPDATE courses SET title = $2, summary = $3, level = $4, labels = jsonb_object($5::text[], $6::text[]),
            weight = $7, revision = revision + 1, updated_at = now()
        WHERE id = $1 RETURNING revision, updated_at
        """)

    private static let delete = Statement(
        "course.delete",
        "UPDATE courses SET deleted_at = now(), updated_at = now(), revision = revision + 1 WHERE id = $1")

    private static let deleteLessons = Statement("course.delete-lessons", "DELETE FROM lessons WHERE course_id = $1")

    private static let insertLessons = Statement(
        "course.insert-lessons",
        """
        INSERT INTO lessons (course_id, place, id, title, body_text, video_url, minutes)
        SELECT $1, place, id, title, body_text, video_url, minutes
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int4[])
            WITH ORDINALITY AS lesson (id, title, body_text, video_url, minutes, place)
        """)

    private static func insertLessons(_ lessons: [Lesson], of course: UniqueID) -> Query {
        var texts: [String?] = []
        var urls: [String?] = []
        for lesson in lessons {
            switch lesson.body {
            case .text(let text): (texts, urls) = (texts + [text], urls + [nil])
            case .video(let url): (texts, urls) = (texts + [nil], urls + [url])
            case nil: (texts, urls) = (texts + [nil], urls + [nil])
            }
        }
        return insertLessons.with(
            .uuid(course), .texts(lessons.map(\.id)), .texts(lessons.map(\.title)), .texts(texts), .texts(urls),
            .integers(lessons.map { $0.minutes.map(Int64.init) }))
    }
}

extension Course {
    fileprivate init(_ row: Row) throws(PostgresFailure) {
        let level: String = try row.value("level")
        self.init(
            id: try row.value("id"),
            content: CourseContent(
                title: try row.value("title"), summary: try row.value("summary"),
                level: CourseContent.Level(rawValue: level) ?? .unspecified, lessons: try Course.lessons(row),
                labels: zip(
                    try row.value("label_keys", as: [String].self), try row.value("label_values", as: [String].self)
                ).map { CourseContent.Label(key: $0, value: $1) }),
            createdAt: try row.value("created_at"), updatedAt: try row.value("updated_at"),
            revision: try row.value("revision"), isDeleted: try row.value("is_deleted"))
    }

    private static func lessons(_ row: Row) throws(PostgresFailure) -> [Lesson] {
        let ids: [String] = try row.value("ids", as: [String]?.self) ?? []
        if ids.isEmpty { return [] }
        let titles: [String] = try row.value("titles")
        let texts: [String?] = try row.value("texts")
        let urls: [String?] = try row.value("urls")
        let minutes: [Int32?] = try row.value("minutes")
        return ids.indices.map { index in
            let body = texts[index].map { Lesson.Body.text($0) } ?? urls[index].map { .video(url: $0) }
            return Lesson(id: ids[index], title: titles[index], body: body, minutes: minutes[index])
        }
    }
}
