import Bytes
import Exchange
import Reactor
import Timebase

/// Takes other members' calls to the application, and tells it who calls.
///
/// The caller's name comes from its verified certificate and from nowhere else: what a request says of itself in
/// `weft-caller` is removed.
final class Inbound: Acceptor, @unchecked Sendable {  // touched on its loop alone
    private let environment: CallDriver.Environment
    private let telemetry: Telemetry
    private let stack: Stack
    private let service: String
    private var heads: RequestHead
    var methods: MethodTable

    init(
        service: String, methods: MethodTable, through stack: Stack, environment: CallDriver.Environment,
        telemetry: Telemetry, chance: Chance
    ) {
        self.service = service
        self.methods = methods
        self.stack = stack
        self.environment = environment
        self.telemetry = telemetry
        heads = RequestHead(chance: chance)
    }

    func accept(
        _ head: consuming Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream
    ) -> any ExchangeHandler {
        head.removeAll(.weftCaller)
        if let identity = peer.identity { head.append(.weftCaller, identity) }
        heads.identify(&head)
        let now = environment.timers.now
        let known = head.withValue(.path, methods.entry) ?? nil
        let stack = known == nil ? unknownMethod(head) : self.stack
        let call = CallHead(
            method: known ?? telemetry.unrouted, caller: peer.identity ?? "",
            deadline: environment.dialect.timeout(of: head).map(now.advanced), startedAt: now, request: head)
        let driver = CallDriver(call, through: stack, end: end, from: stream, in: environment)
        driver.start()
        return driver
    }

    private func unknownMethod(_ head: borrowing Fields) -> Stack {
        let path = String((head[.path] ?? "").dropFirst())
        return telemetry.refusal(
            Failure(
                .route, .unknownMethod, subject: path, detail: "\(service) has no method \(path)", reach: .neverSent))
    }
}
