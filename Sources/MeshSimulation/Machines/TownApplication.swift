import BenchAPI
import Exchange
import ProtoWire
import RPC
import Reactor
import ServiceKit
import Simulation
import Timebase
import Transport

/// The application of a replica or of a caller: its handlers do what the town says, its calls go through its sidecar.
///
/// One for each life of its process.
final class TownApplication: @unchecked Sendable {  // touched on its loop alone
    static let port: UInt16 = 5000

    let instance: String
    let service: String
    private let town: Town
    private let ledger: MeshLedger
    private let context: ProcessContext
    private let loop: Loop
    private let sidecar: ConnectionPool
    private var chance: Chance
    private let weather: Weather
    /// A socket that nobody closes: a planted bug.
    private var leaked: (any ListeningSocket)?
    private(set) var handlers = 0
    private(set) var calls: Set<Int> = []

    /// What makes handlers slow or fail for a while, by service or by instance.
    final class Weather: @unchecked Sendable {  // a simulation stays on one thread
        var slow: [String: Duration] = [:]
        var failing: [String: Double] = [:]
    }

    init(
        _ instance: String, of service: String, in town: Town, ledger: MeshLedger, weather: Weather, sidecar: String,
        _ context: ProcessContext
    ) throws {
        self.instance = instance
        self.service = service
        self.town = town
        self.ledger = ledger
        self.weather = weather
        self.context = context
        loop = context.loop
        chance = context.loop.chance()
        self.sidecar = ConnectionPool(
            to: try SocketAddress.parse(sidecar), network: context.network, loop: context.loop, security: .plaintext,
            limits: ServiceProcess.sidecarLimits)
        self.sidecar.connect()
        if ledger.planted.leaksSockets {
            leaked = try context.network.listen(on: .ip("0.0.0.0", port: 0), sharesPort: false)
        }
        context.onDrain("sidecar") { [sidecar = self.sidecar] done in
            sidecar.drain()
            done()
        }
    }

    /// Serves the methods of a service, and publishes its contract.
    func serve(_ service: TownService, at address: String) throws {
        try context.serve([TownHandlers(self, service.methods)], on: address)
        let publisher = ContractPublisher(
            service: service.name,
            contract: .init(descriptorSet: service.descriptorSet, rpcServices: service.rpcServices),
            channel: Channel(sidecar, destination: "weft-control", timers: loop), loop: loop, log: context.log)
        context.runUntilDrain("contract") { await publisher.run() }
    }

    /// Its sidecar is there. Looks, and sees to it that there is something to look at.
    var isConnected: Bool {
        if case .ready = sidecar.state { return true }
        if case .idle = sidecar.state { loop.execute { [sidecar] in sidecar.connect() } }
        return false
    }

    // MARK: Handlers

    func handle(_ request: Bench.Msg, _ method: TownMethod, _ call: Call) async throws -> Bench.Msg {
        let number = Int(request.n)
        let domain = "spiffe://\(MeshTown.trustDomain)/ns/\(MeshTown.namespace)/sa/"
        handlers += 1
        ledger.handlerBegan(number, call, of: service, at: instance, trustDomain: domain)
        defer {
            handlers -= 1
            ledger.handlerEnded(number, at: instance)
        }
        if !loop.isCurrent { ledger.complain("the handler of call \(number) is not on its loop") }
        var takes = chance.within(method.takes)
        takes += weather.slow[instance] ?? weather.slow[service] ?? .zero
        if ledger.planted.hangs, number % 20 == 3 { takes = .seconds(3600) }
        try await loop.sleep(for: takes)
        let failing = weather.failing[instance] ?? weather.failing[service] ?? method.failing
        if failing > 0, chance.fraction() < failing {
            throw RPCError(method.failure, "as the town has it")
        }
        let layer = ledger.accounts.indices.contains(number) ? ledger.accounts[number].layer + 1 : 1
        for name in method.calls {
            try await self.call(name, timeout: nil, layer: layer, in: call)
        }
        var reply = Bench.Msg()
        reply.n = request.n
        return reply
    }

    // MARK: Calls

    /// Makes a call, and keeps account of it. Answers what it ended with.
    @discardableResult
    func call(
        _ name: String, timeout: Duration?, layer: Int, in outer: Call?, isProbe: Bool = false
    ) async throws -> Bench.Msg {
        guard let (service, method) = town.find(name) else { preconditionFailure("the town has no method \(name)") }
        let number = ledger.began(
            name, isIdempotent: method.isIdempotent, by: instance, of: self.service, layer: layer, timeout: timeout,
            within: outer?.deadline, isProbe: isProbe)
        calls.insert(number)
        defer { calls.remove(number) }
        var request = Bench.Msg()
        request.n = Int64(number)
        let descriptor = MethodDescriptor(
            path: "/" + name, name: method.ownName, kind: .unary, isIdempotent: method.isIdempotent)
        do {
            let channel = Channel(sidecar, destination: service.name, timers: loop)
            let reply: Bench.Msg = try await channel.unary(
                descriptor, request, call: inherited(outer), options: CallOptions(timeout: timeout))
            if reply.n != request.n { ledger.complain("call \(number) got the answer of call \(reply.n)") }
            if !loop.isCurrent { ledger.complain("the caller of call \(number) is not on its loop") }
            ledger.ended(number, nil)
            if ledger.planted.endsTwice, number == 7 { ledger.ended(number, nil) }
            return reply
        } catch let error as RPCError {
            ledger.ended(number, error)
            throw error
        } catch {
            let wrapped = RPCError(error is CancellationError ? .cancelled : .unknown, "\(error)")
            ledger.ended(number, wrapped)
            throw wrapped
        }
    }

    /// What a call takes over from the call whose handler makes it.
    private func inherited(_ outer: Call?) -> Call? {
        guard let outer, let deadline = outer.deadline else { return outer }
        if ledger.planted.forgetsDeadlines { return Call() }
        if ledger.planted.lengthensDeadlines { return Call(deadline: deadline.advanced(by: .seconds(60))) }
        return outer
    }

    /// Begins a call from outside of any handler. `ended` hears how it went.
    func begin(
        _ name: String, timeout: Duration?, cancelAfter: Duration?, isProbe: Bool = false,
        _ ended: @escaping @Sendable (Bool) -> Void = { _ in }
    ) {
        loop.execute { [self] in
            let task = Task.immediate(executorPreference: loop) {
                do {
                    try await call(name, timeout: timeout, layer: 0, in: nil, isProbe: isProbe)
                    ended(true)
                } catch {
                    ended(false)
                }
            }
            if let cancelAfter { loop.schedule(after: cancelAfter) { task.cancel() } }
        }
    }
}

/// The methods of a service of a town, whatever they are called.
private final class TownHandlers: RPCService {
    static let descriptor = ServiceDescriptor(fullName: "sim.Town", file: Bench.benchFile, methods: [])

    private let application: TownApplication
    private let methods: [TownMethod]

    init(_ application: TownApplication, _ methods: [TownMethod]) {
        self.application = application
        self.methods = methods
    }

    func register(in router: inout Router) {
        for method in methods {
            let descriptor = MethodDescriptor(
                path: "/" + method.name, name: method.ownName, kind: .unary, isIdempotent: method.isIdempotent)
            router.unary(descriptor) { [application] (request: Bench.Msg, call: Call) in
                try await application.handle(request, method, call)
            }
        }
    }
}

extension Chance {
    mutating func within(_ range: ClosedRange<Duration>) -> Duration {
        let low = range.lowerBound.clampedNanoseconds
        let high = range.upperBound.clampedNanoseconds
        return .nanoseconds(low == high ? low : Int64.random(in: low...high, using: &self))
    }

    mutating func within(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func isHit(_ share: Double) -> Bool { share > 0 && fraction() < share }

    mutating func one<Element>(of all: [Element]) -> Element { all[within(0...all.count - 1)] }
}
