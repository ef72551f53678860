import Bytes
import Exchange
import RPC

/// A router and one request that a test writes by hand, so that it can be wrong in every way.
final class HandRequest {
    let loop = ManualLoop()
    let notes = Notes()
    let router: Router
    let stream: ScriptedStream
    private let head: Fields
    private var handler: (any ExchangeHandler)?

    static let usual: Fields = [
        ":method": "POST", ":scheme": "http", ":path": "/t.S/Unary", ":authority": "a", "te": "trailers",
        "content-type": "application/grpc",
    ]

    /// The usual head with fields set to other values, or removed.
    init(
        limits: RouterLimits = RouterLimits(), interceptors: [any ServerInterceptor] = [],
        changes: [(Fields.Name, String?)] = [], more: Fields = Fields()
    ) {
        router = Router(timers: loop, limits: limits, interceptors: interceptors, observer: Observer(notes: notes))
        stream = ScriptedStream(loop: loop)
        var head = HandRequest.usual
        for (name, value) in changes {
            if let value { head.set(name, value) } else { head.removeAll(name) }
        }
        head.append(contentsOf: more)
        self.head = head
    }

    /// Begins the request; its body is the test's to send.
    func begin(end: Bool = false) -> any ExchangeHandler {
        let handler = router.accept(head, end: end, from: Peer(address: "p"), on: stream)
        stream.handler = handler
        return handler
    }

    /// The whole request: the head, one chunk, the end.
    func send(_ body: Chunk) {
        begin().heard(body, end: true)
        loop.run()
    }
}
