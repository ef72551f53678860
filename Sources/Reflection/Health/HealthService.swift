public import MeshAPI
import ProtoWire
public import RPC
import Synchronization

/// The gRPC health checking protocol: whether the server as a whole, and each of its services, can serve.
///
///     SERVING ◀──set──▶ NOT_SERVING ──shutdown──▶ NOT_SERVING for good
///
/// A service of its own sets its status when it learns that it cannot do its work, and again when it can:
///
///     health.set(.notServing, for: "learn.course.v1.CourseService")
///
/// Source: grpc/doc/health-checking.md; `List` by gRFC A90.
public final class HealthService: GrpcHealthV1.Health {
    public typealias Status = GrpcHealthV1.HealthCheckResponse.ServingStatus

    private struct State {
        var statuses: [String: Status]
        var watchers: [Int: UnsafeContinuation<Void, Never>] = [:]
        var nextWatcher = 0
        var version = 0
        var isShutDown = false
    }

    /// `List` answers no more services than this (gRFC A90).
    private static let maxListed = 100
    private let state: Mutex<State>

    /// All services serve from the start, and so does the server, whose name is empty.
    public init(services: [String] = []) {
        state = Mutex(State(statuses: Dictionary(([""] + services).map { ($0, .serving) }, uniquingKeysWith: { $1 })))
    }

    /// Makes services known, which serve unless something else was set before.
    public func add(services: [String]) {
        change { state in
            for name in services where state.statuses[name] == nil {
                state.statuses[name] = state.isShutDown ? .notServing : .serving
            }
        }
    }

    /// Sets what a service answers; the empty name is the whole server. Nothing changes after `shutdown`.
    public func set(_ status: Status, for service: String) {
        change { state in
            if !state.isShutDown { state.statuses[service] = status }
        }
    }

    /// Nothing serves any more: those who watch hear it before the connections go, and their streams end, for which a drain
    /// would wait otherwise.
    public func shutdown() {
        change { state in
            state.isShutDown = true
            for name in state.statuses.keys { state.statuses[name] = .notServing }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let woken = state.withLock { state in
            body(&state)
            state.version += 1
            defer { state.watchers = [:] }
            return state.watchers
        }
        for watcher in woken.values { watcher.resume() }
    }

    // MARK: The contract

    public func check(
        _ request: GrpcHealthV1.HealthCheckRequest, in call: Call
    ) async throws -> GrpcHealthV1.HealthCheckResponse {
        guard let status = state.withLock({ $0.statuses[request.service] }) else {
            throw RPCError(.notFound, "the service '\(request.service)' is not known here")
        }
        return response(status)
    }

    public func list(
        _ request: GrpcHealthV1.HealthListRequest, in call: Call
    ) async throws -> GrpcHealthV1.HealthListResponse {
        let statuses = state.withLock { $0.statuses }
        guard statuses.count <= Self.maxListed else {
            throw RPCError(.resourceExhausted, "there are more than \(Self.maxListed) services")
        }
        var reply = GrpcHealthV1.HealthListResponse()
        for (name, status) in statuses.sorted(by: { $0.key < $1.key }) { reply.statuses[name] = response(status) }
        return reply
    }

    public func watch(
        _ request: GrpcHealthV1.HealthCheckRequest, to replies: MessageWriter<GrpcHealthV1.HealthCheckResponse>,
        in call: Call
    ) async throws {
        var last: Status?
        while !Task.isCancelled {
            let (status, version, isShutDown) = state.withLock {
                ($0.statuses[request.service] ?? .serviceUnknown, $0.version, $0.isShutDown)
            }
            if status != last {
                try await replies.write(response(status))
                last = status
            }
            if isShutDown { throw RPCError(.unavailable, "the server is shutting down") }
            await wait(after: version)
        }
    }

    /// Returns when the state has another version, or when the task is cancelled.
    private func wait(after version: Int) async {
        let id = state.withLock { state in
            state.nextWatcher += 1
            return state.nextWatcher
        }
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.version == version, !Task.isCancelled else { return true }
                    state.watchers[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.watchers.removeValue(forKey: id) }?.resume()
        }
    }

    private func response(_ status: Status) -> GrpcHealthV1.HealthCheckResponse {
        var reply = GrpcHealthV1.HealthCheckResponse()
        reply.status = status
        return reply
    }
}
