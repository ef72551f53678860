import Bytes
import Exchange
import Timebase

/// Takes the application's calls and sends each to an endpoint of the service that its `:authority` names.
final class Outbound: Acceptor, @unchecked Sendable {  // touched on its loop alone
    /// When the application made its last call.
    @exclusivity(unchecked) private(set) var lastCallAt: Instant
    private let environment: CallDriver.Environment
    private let telemetry: Telemetry
    private let caller: String
    @exclusivity(unchecked) private var heads: RequestHead
    @exclusivity(unchecked) private var routes = ByteTable<Destination>()
    /// Takes names that no route has: a sidecar that stands alone may have one.
    @exclusivity(unchecked) private var anywhere: Destination?
    /// Who looks at calls as they happen.
    let taps = Taps(.outbound)

    init(caller: String, environment: CallDriver.Environment, telemetry: Telemetry, chance: Chance) {
        self.caller = caller
        heads = RequestHead(chance: chance)
        self.environment = environment
        self.telemetry = telemetry
        lastCallAt = environment.timers.now
    }

    /// Replaces all routes. Calls under way keep the stacks that they are in.
    func replace(_ destinations: [Destination]) {
        var routes = ByteTable<Destination>()
        anywhere = nil
        for destination in destinations {
            if destination.name == "*" {
                anywhere = destination
            } else {
                routes.insert(destination, for: destination.name)
            }
        }
        self.routes = routes
    }

    func accept(
        _ head: consuming Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream
    ) -> any ExchangeHandler {
        head.removeAll(.weftCaller)
        heads.identify(&head)
        let now = environment.timers.now
        lastCallAt = now
        let (method, stack, mirrors) = route(head)
        let call = CallHead(
            method: method, caller: caller, deadline: environment.dialect.timeout(of: head).map(now.advanced),
            startedAt: now, request: head, answersOnce: method.policy.answersOnce)
        if mirrors == nil, taps.isIdle {
            let driver = CallDriver(call, through: stack, end: end, from: stream, in: environment)
            driver.start()
            return driver
        }
        let watched = WatchedCall(mirrors: mirrors, taps: taps)
        return watched.start(call, through: stack, end: end, from: stream, in: environment)
    }

    private func route(_ head: Fields) -> (MethodEntry, Stack, Mirrors?) {
        guard let destination = (head.withValue(.authority, destination) ?? nil) ?? anywhere else {
            let name = Self.name(ofAuthority: head[.authority] ?? "")
            let failure = Failure(
                .route, .noRoute, subject: name, detail: "no service of the mesh has the name \(name)",
                reach: .neverSent)
            return (telemetry.unrouted, telemetry.refusal(failure), nil)
        }
        guard let method = head.withValue(.path, destination.methods.entry) ?? nil else {
            let path = String((head[.path] ?? "").dropFirst())
            let failure = Failure(
                .route, .unknownMethod, subject: path, detail: "\(destination.name) has no method \(path)",
                reach: .neverSent)
            return (telemetry.unrouted, telemetry.refusal(failure), nil)
        }
        return (method, destination.stack, destination.mirrors)
    }

    private func destination(_ authority: UnsafeBufferPointer<UInt8>) -> Destination? {
        if routes.count == 0 { return nil }
        if let found = routes[authority] { return found }
        guard let colon = authority.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        return routes[UnsafeBufferPointer(rebasing: authority[..<colon])]
    }

    private static func name(ofAuthority authority: String) -> String {
        authority.lastIndex(of: ":").map { String(authority[..<$0]) } ?? authority
    }
}
