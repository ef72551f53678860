import Bytes
import Exchange
import MeshPolicy
import Policy
import Timebase

/// Takes other members' calls to the application, and tells it who calls.
///
/// The caller's name comes from its verified certificate and from nowhere else: what a request says of itself in
/// `weft-caller` is removed.
final class Inbound: Acceptor, @unchecked Sendable {  // touched on its loop alone
    private let environment: CallDriver.Environment
    private let telemetry: Telemetry
    private(set) var stack: Stack
    private(set) var rules: ServiceRules
    private let assemble: (ServiceRules) -> Stack
    private let service: String
    private var heads: RequestHead
    var methods: MethodTable
    /// Who looks at calls as they happen.
    let taps = Taps(.inbound)

    /// What decides who may call; nil where no rule does.
    var authorization: AuthorizationLayer? { stack.layers.lazy.compactMap { $0 as? AuthorizationLayer }.first }

    init(
        service: String, methods: MethodTable, rules: ServiceRules, environment: CallDriver.Environment,
        telemetry: Telemetry, chance: Chance, assemble: @escaping (ServiceRules) -> Stack
    ) {
        heads = RequestHead(chance: chance)
        self.service = service
        self.methods = methods
        self.rules = rules
        self.assemble = assemble
        stack = assemble(rules)
        self.environment = environment
        self.telemetry = telemetry
    }

    /// The rules changed: the stack is assembled anew. Calls under way keep the one that they are in.
    func replace(rules: ServiceRules) {
        guard rules != self.rules else { return }
        self.rules = rules
        let old = stack
        stack = assemble(rules)
        stack.succeed(old)
    }

    func accept(
        _ head: consuming Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream
    ) -> any ExchangeHandler {
        head.removeAll(.weftCaller)
        if let identity = peer.identity { head.append(.weftCaller, identity) }
        heads.identify(&head)
        let now = environment.timers.now
        let known = head.withValue(.path, methods.entry) ?? nil
        // The calls that the application makes on behalf of this one are as critical as its method is.
        if let own = known?.policy.criticality, head.withValue(.weftCriticality, { _ in true }) == nil {
            head.append(.weftCriticality, own.text)
        }
        let stack = known == nil ? unknownMethod(head) : self.stack
        let call = CallHead(
            method: known ?? telemetry.unrouted, caller: peer.identity ?? "",
            deadline: environment.dialect.timeout(of: head).map(now.advanced), startedAt: now, request: head)
        if taps.isIdle {
            let driver = CallDriver(call, through: stack, end: end, from: stream, in: environment)
            driver.start()
            return driver
        }
        let watched = WatchedCall(mirrors: nil, taps: taps)
        return watched.start(call, through: stack, end: end, from: stream, in: environment)
    }

    private func unknownMethod(_ head: borrowing Fields) -> Stack {
        let path = String((head[.path] ?? "").dropFirst())
        return telemetry.refusal(
            Failure(
                .route, .unknownMethod, subject: path, detail: "\(service) has no method \(path)", reach: .neverSent))
    }
}
