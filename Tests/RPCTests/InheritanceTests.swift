import BenchAPI
import Exchange
import ProtoWire
import RPC
import Testing
import Timebase

@Suite("What a call within a call inherits")
struct InheritanceTests {
    private static let outer: [(String, String)] = [
        ("x-request-id", "r1"), ("traceparent", "p1"), ("tracestate", "s1"), ("secret", "s"),
    ]

    /// Calls "/t.S/Unary", whose handler calls "/t.S/Client" as `within` says, and tells what arrived there.
    private func arrived(
        _ method: MethodDescriptor = Methods.unary, timeout: Duration? = .seconds(1),
        _ within: @escaping @Sendable (Scene) async throws -> Void
    ) -> [String] {
        let scene = Scene()
        let notes = Notes()
        scene.router.clientStreaming(Methods.client) { (_: MessageReader<Msg>, call) in
            notes.add(
                "\(call.deadline.map { $0.nanoseconds / 1_000_000 } ?? 0) \(call.requestID) \(call.traceParent ?? "") "
                    + "\(call.traceState ?? "") \(call.metadata["secret"] ?? "")")
            return Msg("inner")
        }
        scene.router.unary(Methods.unary) { (request: Msg, _) in
            try await within(scene)
            return request
        }
        scene.router.serverStreaming(Methods.server) { (_: Msg, _: MessageWriter<Msg>, _) in try await within(scene) }
        scene.router.bidirectional(Methods.both) { (_: MessageReader<Msg>, _: MessageWriter<Msg>, _) in
            try await within(scene)
        }
        var metadata = Metadata()
        for (name, value) in InheritanceTests.outer { try? metadata.add(name, value) }
        let outcome = scene.start(method, [Msg("outer")], options: CallOptions(timeout: timeout, metadata: metadata))
        scene.loop.run()
        #expect(!outcome.isPending && outcome.error == nil)
        #expect(scene.isQuiet)
        return notes.lines
    }

    @Sendable private static func inner(_ scene: Scene, _ options: CallOptions = CallOptions(), _ call: Call? = nil)
        async throws
    {
        let _: Msg = try await scene.channel.clientStreaming(Methods.client, call: call, options: options) {
            (_: MessageWriter<Msg>) in
        }
    }

    @Test(
        "deadline, request id and trace, and no other metadata",
        arguments: [Methods.unary, Methods.server, Methods.both])
    func inherits(method: MethodDescriptor) {
        #expect(arrived(method) { try await InheritanceTests.inner($0) } == ["2000 r1 p1 s1 "])
        #expect(arrived(method, timeout: nil) { try await InheritanceTests.inner($0) } == ["0 r1 p1 s1 "])
    }

    @Test("child tasks inherit it too, and detached tasks do not")
    func tasks() {
        #expect(
            arrived { scene in
                async let one: Void = InheritanceTests.inner(scene)
                try await withThrowingTaskGroup { group in
                    group.addTask { try await InheritanceTests.inner(scene) }
                    try await group.waitForAll()
                }
                try await one
            } == ["2000 r1 p1 s1 ", "2000 r1 p1 s1 "])
        #expect(
            arrived { scene in
                try await Task.detached(executorPreference: scene.loop) { try await InheritanceTests.inner(scene) }
                    .value
            } == ["0    "])
    }

    @Test("the earlier deadline counts; what the options say is not inherited; another call may be named")
    func overrides() {
        let cases: [(CallOptions, Call?, String)] = [
            (CallOptions(timeout: .milliseconds(500)), nil, "1500 r1 p1 s1 "),
            (CallOptions(timeout: .seconds(5)), nil, "2000 r1 p1 s1 "),
            (CallOptions(metadata: ["x-request-id": "r2"]), nil, "2000 r2 p1 s1 "),
            (CallOptions(metadata: ["traceparent": "p2"]), nil, "2000 r1 p2  "),
            (CallOptions(metadata: ["traceparent": "p2", "tracestate": "s2"]), nil, "2000 r1 p2 s2 "),
            (CallOptions(), Call(requestID: "r3"), "0 r3   "),
            (CallOptions(), Call(), "0    "),
        ]
        for (options, call, expected) in cases {
            #expect(arrived { try await InheritanceTests.inner($0, options, call) } == [expected])
        }
    }

    @Test("interceptors and handlers see the current call; nobody does outside of one")
    func current() {
        struct Looking: ServerInterceptor {
            let notes: Notes
            func respond(to call: Call, next: @Sendable () async throws -> Void) async throws {
                notes.add("\(Call.current === call)")
                try await next()
            }
            func received<M: Message>(_ message: M, of call: Call) async throws -> M {
                notes.add("\(Call.current === call)")
                return message
            }
        }
        let notes = Notes()
        let scene = Scene(interceptors: [Looking(notes: notes)])
        scene.router.unary(Methods.unary) { (request: Msg, call) in
            notes.add("\(Call.current === call)")
            return request
        }
        _ = scene.call(Msg(""))
        scene.loop.run()
        #expect(notes.lines == ["true", "true", "true"])
        #expect(Call.current === nil)
    }
}
