import Postgres
import PrivateCluster
import Reactor
import Synchronization

@testable import Services

/// The server of this test run, and a loop for its pools. Started by the first test that asks, gone with the process.
enum TestServer {
    static let cluster: PrivateCluster = {
        do {
            return try PrivateCluster.startDisposable()
        } catch {
            preconditionFailure("the tests need a Postgres server: \(error)")
        }
    }()

    static let loop: Loop = {
        do {
            return try Loop.start(name: "services-test")
        } catch {
            preconditionFailure("the tests need a loop: \(error)")
        }
    }()

    private static let count = Atomic<Int>(0)

    /// The address of a new, empty database.
    static func newDatabase() throws -> String {
        let name = "test_\(count.add(1, ordering: .relaxed).newValue)"
        try cluster.createDatabase(name)
        return cluster.address(of: name)
    }

    /// A pool on a database with the schema of a service.
    static func pool(on address: String, _ migrations: [Migration]) async throws -> PostgresPool {
        let pool = PostgresPool(try PostgresConfig(address, application: "tests"), on: loop)
        try await Migrator(migrations).run(on: pool)
        return pool
    }

    static func newCourseStore() async throws -> CourseStore {
        CourseStore(pool: try await pool(on: newDatabase(), CourseMigrations.all))
    }
}
