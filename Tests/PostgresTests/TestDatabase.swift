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

/// What a call failed with; nil if it did not, or with something else.
func caught<Value>(_ call: () async throws -> Value) async -> PostgresFailure? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? PostgresFailure
    }
}

/// Asks again and again until `condition` holds; answers whether it ever did.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<2000 {
        if try await condition() { return true }
        try? await TestServer.loop.sleep(for: .milliseconds(5))
    }
    return false
}

extension PostgresPool {
    /// The statistics, read where they may be.
    func currentStatistics() async -> PostgresStatistics {
        await withCheckedContinuation { continuation in
            loop.perform { continuation.resume(returning: self.statistics) }
        }
    }
}

/// A door that tasks wait at until it is opened.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func open() {
        continuation.finish()
    }

    func passed() async {
        for await _ in stream {}
    }
}
