internal import Bytes
internal import Exchange
internal import Logging
internal import Reactor
internal import ServiceKit
internal import Synchronization
internal import Timebase
internal import Traces

/// Takes outside requests: finds the route, and gives each its `EdgeCall`.
///
/// Loop-bound. The routes are replaced whole when contracts change; a request that began keeps the route it found.
final class EdgeAcceptor: Acceptor, @unchecked Sendable {  // touched on its loop alone
    let upstream: any Exchanger
    let loop: Loop
    let log: Logger
    let config: EdgeConfig
    let metrics: EdgeMetrics
    let stories = EdgeStories()
    /// nil while nobody traces.
    var tracer: Tracer?
    /// What the edge itself answers: `/health`, `/services/status`.
    var builtin: [String: () -> AdminReply] = [:]
    private var routes: EdgeRoutes

    init(
        upstream: any Exchanger, loop: Loop, log: Logger, config: EdgeConfig, metrics: EdgeMetrics,
        routes: EdgeRoutes = EdgeRoutes()
    ) {
        self.upstream = upstream
        self.loop = loop
        self.log = log
        self.config = config
        self.metrics = metrics
        self.routes = routes
    }

    func replace(_ routes: EdgeRoutes) {
        self.routes = routes
    }

    func accept(
        _ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream
    ) -> any ExchangeHandler {
        let call = EdgeCall(stream: stream, acceptor: self, requestID: requestID(of: head), peer: peer)
        call.begin(head, end: end, routes: routes)
        return call
    }

    /// The caller's own id if it is a plain word, else a new one: it goes into every log on the way.
    private func requestID(of head: Fields) -> String {
        if let given = head[.requestID], (8...64).contains(given.utf8.count),
            given.utf8.allSatisfy({
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45
            })
        {
            return given
        }
        return RequestID.make()
    }
}
