import BenchAPI
import Exchange
import ProtoWire
import RPC
import Testing

@Suite("Metadata that is too large to send")
struct MetadataLimitTests {
    private static let large: Metadata = ["k": String(repeating: "v", count: 20_000)]
    private static let small: Metadata = ["k": "v"]

    @Test("a handler's becomes RESOURCE_EXHAUSTED", arguments: [Methods.unary, Methods.server], [false, true])
    func handlers(method: MethodDescriptor, isInitial: Bool) {
        let scene = Scene()
        @Sendable func set(_ call: Call) {
            if isInitial { call.responseMetadata = MetadataLimitTests.large }
            if !isInitial { call.responseTrailers = MetadataLimitTests.large }
        }
        scene.router.unary(Methods.unary) { (request: Msg, call) in
            set(call)
            return request
        }
        scene.router.serverStreaming(Methods.server) { (request: Msg, replies: MessageWriter<Msg>, call) in
            set(call)
            try await replies.write(request)
        }
        let outcome = scene.start(method, [Msg("a")])
        scene.loop.run()
        let error = outcome.error as? RPCError
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message == "metadata of 20033 bytes is over this side's limit of 15360")
        #expect(scene.isQuiet)
    }

    @Test("an error gets through without what is too much")
    func errors() throws {
        let cases: [(Metadata, Metadata, [UInt8])] = [
            (MetadataLimitTests.large, MetadataLimitTests.small, [1]),
            (MetadataLimitTests.small, MetadataLimitTests.large, [1]),
            (MetadataLimitTests.small, Metadata(), [UInt8](repeating: 1, count: 20_000)),
        ]
        for (trailers, own, details) in cases {
            let scene = Scene()
            scene.router.unary(Methods.unary) { (_: Msg, call) -> Msg in
                call.responseMetadata = MetadataLimitTests.large
                call.responseTrailers = trailers
                throw RPCError(.notFound, "no", metadata: own, details: details)
            }
            let outcome = scene.call(Msg("a"))
            scene.loop.run()
            let error = try #require(outcome.error as? RPCError)
            #expect(error.code == .notFound && error.message == "no")
            #expect(error.metadata["k"] == "v")
            #expect(error.details.count <= 1)
            #expect(scene.isQuiet)
        }
    }
}
