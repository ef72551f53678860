import Bytes
import HTTP2
import Testing

/// Conversations of two sessions, as each side hears them.
struct PairTests {
    static let heardRequest = "1 head :method=POST :scheme=http :path=/a :authority=b"

    @Test("a unary call is one head, one chunk and trailers, and both sides hear that it closed")
    func unary() throws {
        let pair = Pair().settle()
        let stream = try pair.client.openStream(request, end: false)
        pair.client.send(Chunk("ask"), on: stream, end: true)
        pair.onServer = { event in
            guard case .chunk(let stream, _, end: true) = event else { return }
            pair.server.send(head: response, on: stream, end: false)
            pair.server.send(Chunk("answer"), on: stream, end: false)
            pair.server.send(trailers: trailers, on: stream)
        }
        pair.run()
        #expect(pair.heardByServer == [Self.heardRequest, "1 chunk ask end", "1 closed"])
        #expect(
            pair.heardByClient == [
                "1 head :status=200", "1 chunk answer", "1 trailers grpc-status=0", "1 closed",
            ])
        #expect(pair.client.activeStreams == 0 && pair.server.activeStreams == 0)
    }
}
