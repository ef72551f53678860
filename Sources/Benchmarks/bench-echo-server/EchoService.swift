import BenchAPI
import RPC

/// Gives back what it gets: generated codecs and handlers as any service has them, and nothing else.
struct EchoService: Bench.Echo {
    func unary(_ request: Bench.Msg, in call: Call) async throws -> Bench.Msg {
        request
    }

    func stream(
        _ requests: MessageReader<Bench.Msg>, to replies: MessageWriter<Bench.Msg>, in call: Call
    ) async throws {
        for try await request in requests {
            try await replies.write(request)
        }
    }
}
