import API
import Postgres
public import RPC
public import ServiceKit

/// The progress service, put together.
public enum ProgressService {
    /// Opens the database and makes the handlers, which ask the course service through the sidecar.
    public static func start(_ parts: ServiceProcess.Parts) async throws -> [any RPCService] {
        let courses = LearnCourseV1.CourseServiceClient(try parts.channel(to: "course"))
        let database = try await ServiceDatabase.open(for: "progress", ProgressMigrations.all, parts)
        return [ProgressHandlers(store: ProgressStore(pool: database.pool), courses: courses, log: parts.log)]
    }
}
