import Postgres
import PrivateCluster
import Reactor
import Synchronization

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
            return try Loop.start(name: "postgres-test")
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

    /// A pool on a new, empty database.
    static func newPool(_ adjust: (inout PostgresLimits) -> Void = { _ in }) throws -> PostgresPool {
        try pool(on: newDatabase(), adjust)
    }

    static func pool(
        on address: String, _ adjust: (inout PostgresLimits) -> Void = { _ in }
    ) throws -> PostgresPool {
        var limits = PostgresLimits()
        adjust(&limits)
        return PostgresPool(try PostgresConfig(address, application: "tests", limits: limits), on: loop)
    }
}
