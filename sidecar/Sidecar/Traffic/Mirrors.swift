import Bytes
import Exchange
import Policy
import RPC
import Reactor
import ServiceKit
import Timebase

/// The mirrors of one destination.
final class Mirrors {
    let all: [Mirror]
    private var chance: Chance

    init(_ all: [Mirror], chance: Chance) {
        self.all = all
        self.chance = chance
    }

    /// Begins the copies of a call; nil if it has none. Ask before the call itself starts, which changes its head.
    func begin(_ call: CallHead, end: Bool) -> [MirroredCall]? {
        var copies: [MirroredCall] = []
        for mirror in all where mirror.takes(call, &chance) {
            if let copy = mirror.begin(call, end: end) { copies.append(copy) }
        }
        return copies.isEmpty ? nil : copies
    }
}

/// Copies a share of the calls to other instances, where their answers are read and dropped.
///
///     caller ──▶ handler of the call ──▶ its driver ──▶ the service
///                     └──each part of the request, once more──▶ a stack of the mirror's own ──▶ its instances
///
/// Nothing about a copy may slow or fail the call: it has its own balancer, breakers, connections, deadline and budget, it
/// is not tried again, and one that cannot keep up is given up. So many may be under way, and no more.
final class Mirror: @unchecked Sendable {  // touched on its loop alone
    /// A slow mirror takes so many calls' memory, and then no more of them.
    static let mostInFlight = 100
    /// What a copy may lag behind its call before it is given up: as much as a call keeps for its own replay.
    static let mostBehind = 64 << 10
    /// A copy whose call has no deadline ends then: as the edge's calls do (DESIGN §6).
    static let longest: Duration = .seconds(15)
    /// What all copies of the loop keep of requests. Not from the budget of calls, which they must not starve.
    static let replay = ReplayBudget(limit: 8 << 20, perCall: mostBehind)
    static let header = "weft-mirror"

    let rule: MirrorRule
    private let match: CallMatch
    private let exchanger: StackExchanger
    private let counts: MirrorCounts
    private let loop: any CallTimers
    private var inFlight = 0

    init(_ rule: MirrorRule, _ match: CallMatch, of service: String, to balancer: Balancer, _ parts: StackParts) {
        self.rule = rule
        self.match = match
        counts = MirrorCounts(of: rule.name, service, parts.metrics)
        loop = parts.loop
        let stack = Stack([], around: .picker(balancer), name: balancer.destination)
        let environment = CallDriver.Environment(
            timers: parts.loop, dialect: GRPCDialect(reporter: "mirror \(rule.name)"), replay: Self.replay)
        let entry = MirroredMethod()
        exchanger = StackExchanger(executor: parts.loop, in: environment) { intent, head, now in
            let call = CallHead(
                method: entry.method ?? MethodEntry(service: service, fullName: "mirror"), caller: parts.service,
                deadline: intent.deadline, startedAt: now, request: head)
            return (call, stack)
        }
        self.entry = entry
    }

    private let entry: MirroredMethod

    /// Which method the exchange is for that is opened next: opening makes the driver in the same step.
    private final class MirroredMethod: @unchecked Sendable {  // touched on its loop alone
        var method: MethodEntry?
    }

    func takes(_ call: CallHead, _ chance: inout Chance) -> Bool {
        match.fits(call) && (rule.share >= 1 || chance.fraction() < rule.share)
    }

    /// nil if so many are under way already.
    func begin(_ call: CallHead, end: Bool) -> MirroredCall? {
        guard inFlight < Self.mostInFlight else {
            counts.skipped.add()
            return nil
        }
        inFlight += 1
        var head = call.request
        head.append(Self.header, rule.name)
        let latest = loop.now.advanced(by: Self.longest)
        let intent = CallIntent(
            destination: call.method.service, deadline: min(call.deadline ?? .distantFuture, latest))
        let copy = MirroredCall { [self] isAnswered in
            inFlight -= 1
            (isAnswered ? counts.answered : counts.failed).add()
        }
        copy.stream = exchanger.open(intent, handler: copy)
        entry.method = call.method
        copy.stream?.send(head: head, end: end)
        return copy
    }
}

/// One copy of a call: what is sent goes out as far as there is room, what comes back is dropped.
final class MirroredCall: ExchangeHandler {
    var stream: (any ExchangeStream)? { didSet { if whole == 0 { whole = stream?.room ?? 0 } } }
    private var left: ((Bool) -> Void)?
    private var isAnswered = false
    /// The room of a stream on which nothing waits.
    private var whole = 0

    init(left: @escaping (_ isAnswered: Bool) -> Void) {
        self.left = left
    }

    // MARK: The request

    func send(_ chunk: Chunk, end: Bool) {
        guard let stream else { return }
        if whole - stream.room + chunk.count > Mirror.mostBehind { return giveUp() }
        stream.send(chunk, end: end)
    }

    func send(trailers: Fields) { stream?.send(trailers: trailers) }

    /// Its caller left, or it is too slow.
    func giveUp() { stream?.reset(.cancel) }

    // MARK: The answer

    func heard(head: Fields, end: Bool) { note(head) }
    func heard(_ chunk: Chunk, end: Bool) { stream?.consume(chunk.count) }
    func heard(trailers: Fields) { note(trailers) }
    func hasRoom() {}

    func ended(_ ending: Ending) {
        stream = nil
        let left = left
        self.left = nil
        left?(isAnswered && ending == .complete)
    }

    private func note(_ fields: Fields) {
        if let status = fields[.grpcStatus] { isAnswered = status == "0" }
    }
}

/// Hears a call that is copied: each part goes to its driver first.
final class MirroringRequest: ExchangeHandler, DrivenCall {
    private let call: CallDriver
    private let copies: [MirroredCall]

    init(_ driver: CallDriver, _ copies: [MirroredCall]) {
        call = driver
        self.copies = copies
    }

    var driver: CallDriver? { call }

    func heard(head: Fields, end: Bool) { call.heard(head: head, end: end) }

    func heard(_ chunk: Chunk, end: Bool) {
        call.heard(chunk, end: end)
        for copy in copies { copy.send(chunk, end: end) }
    }

    func heard(trailers: Fields) {
        call.heard(trailers: trailers)
        for copy in copies { copy.send(trailers: trailers) }
    }

    func hasRoom() { call.hasRoom() }

    func ended(_ ending: Ending) {
        call.ended(ending)
        if case .failed = ending {
            for copy in copies { copy.giveUp() }
        }
    }
}
