import InteropAPI
import RPC
import Reactor
import Transport

/// Tests of what a client does with its connections: those that hold one for long, and the "negative" ones, in which the
/// server misbehaves (grpc/doc/negative-http2-interop-test-descriptions.md).
struct ConnectionTests {
    let target: Target
    private let client: GrpcTesting.TestServiceClient

    init(_ target: Target) {
        self.target = target
        client = GrpcTesting.TestServiceClient(target.connect().channel)
    }

    /// "long_lived_channel": a call, a while of nothing, a call.
    func longLivedChannel() async throws {
        try await largeUnary()
        try await target.loop.sleep(for: target.pause)
        try await largeUnary()
    }

    /// "pick_first_unary": all calls go to the same backend.
    func pickFirstUnary() async throws {
        var request = GrpcTesting.SimpleRequest()
        request.fillServerId = true
        var servers: Set<String> = []
        for _ in 0..<100 {
            servers.insert(try await client.unaryCall(request, options: CallOptions(timeout: target.patience)).serverId)
        }
        try expect(servers.count, 1, "the number of servers that answered")
        guard servers != [""] else { throw Unexpected(description: "the server does not say which one it is") }
    }

    /// "goaway": after the first answer the server says GOAWAY, so the second call goes over another connection.
    func goAway() async throws {
        try await largeUnary()
        try await target.loop.sleep(for: target.pause)
        try await largeUnary()
    }

    /// "rst_after_header", "rst_during_data", "rst_after_data": a reset is no answer, wherever it comes.
    func reset() async throws {
        do {
            try await largeUnary()
        } catch let error as RPCError {
            guard error.code != .deadlineExceeded else { throw Unexpected(description: "the reset was not heard") }
            return
        }
        throw Unexpected(description: "the call ended well, though the server reset its stream")
    }

    /// "ping": the server sends PINGs and counts the acknowledgements.
    func ping() async throws {
        try await largeUnary()
    }

    /// "max_streams": the server allows one stream at a time, which the first answer tells; ten calls at once wait.
    func maxStreams() async throws {
        try await largeUnary()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { try await largeUnary() } }
            try await group.waitForAll()
        }
    }

    private func largeUnary() async throws {
        var request = GrpcTesting.SimpleRequest()
        request.responseSize = 314159
        var payload = GrpcTesting.Payload()
        payload.body = [UInt8](repeating: 0, count: 271828)
        request.payload = payload
        let reply = try await client.unaryCall(request, options: CallOptions(timeout: target.patience))
        try expect(reply.payload?.body.count ?? 0, 314159, "the size of the reply")
    }
}
