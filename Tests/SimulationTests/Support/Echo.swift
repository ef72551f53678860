import BenchAPI
import RPC

/// Gives back what it gets.
struct Echo: Bench.Echo {
    func unary(_ request: Bench.Msg, in call: Call) async throws -> Bench.Msg { request }

    func stream(
        _ requests: MessageReader<Bench.Msg>, to replies: MessageWriter<Bench.Msg>, in call: Call
    ) async throws {
        for try await request in requests { try await replies.write(request) }
    }
}

/// A value that comes once.
final class Held<Value>: @unchecked Sendable {  // a simulation runs on one thread
    private(set) var value: Value?

    func put(_ value: Value) {
        precondition(self.value == nil, "a call ends once")
        self.value = value
    }
}
