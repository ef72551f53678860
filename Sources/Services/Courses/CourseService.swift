import Logging
import Postgres
public import RPC
public import ServiceKit

/// The course service, put together.
public enum CourseService {
    /// Opens the database, begins to hear of changes, and makes the handlers.
    public static func start(_ parts: ServiceProcess.Parts) async throws -> [any RPCService] {
        let database = try await ServiceDatabase.open(for: "course", CourseMigrations.all, parts)
        let store = CourseStore(pool: database.pool)
        let changes = CourseChanges()
        let feed = NotificationFeed(database.pool.config, channel: "course_changes", on: parts.loop) { event in
            if case .lost(let failure) = event {
                parts.log.warning("changes may be missed", metadata: ["message": "\(failure.message)"])
            }
            changes.hear(event)
        }
        feed.start()
        parts.context.onStop {
            feed.stop()
            changes.stop()
        }
        return [
            CourseHandlers(
                store: store, changes: changes, ids: UniqueIDSource(), seal: PageSeal(key: try await pageKey(store)),
                log: parts.log)
        ]
    }

    private static func pageKey(_ store: CourseStore) async throws(ProcessFault) -> UniqueID {
        do {
            return try await store.pageKey(before: nil)
        } catch {
            throw ProcessFault("the key of page tokens cannot be read: \(RPCError(error).message)")
        }
    }
}
