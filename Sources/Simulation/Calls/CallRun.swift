import Exchange
import RPC
import Reactor
import Timebase
import Transport

extension CallScenario {
    /// Runs it from a seed. `sink` gets every line of the trace.
    @discardableResult
    public func run(seed: UInt64, trace sink: ((Trace.Line) -> Void)? = nil) throws -> CallReport {
        let run = try CallRun(self, seed: seed, trace: Trace(to: sink))
        defer { run.end() }
        return try run.report()
    }
}

/// One run of a scenario.
private final class CallRun: @unchecked Sendable {  // a simulation stays on one thread
    private static let port: UInt16 = 4143
    /// How long a listener of the server waits for its last calls when it drains.
    private static let grace: Duration = .seconds(30)

    private var scenario: CallScenario
    private let simulation: Simulation
    private let ledger: CallLedger
    private let servers: [Host]
    private let clients: [Host]
    private let plans: [CallPlan]
    private var listeners: [(host: Host, listener: Listener)] = []
    private var links: [CallLink] = []
    private var callers: [PlannedCaller] = []
    private var chance: Chance
    private var security: SimulatedSecurity?
    /// How long hosts were paused or the clock jumped: calls may end so much later.
    private var lostTime: Duration = .zero
    private var isOver = false

    init(_ scenario: CallScenario, seed: UInt64, trace: Trace) throws {
        self.scenario = scenario
        simulation = Simulation(seed: seed, conditions: scenario.conditions, trace: trace)
        chance = simulation.newChance()
        ledger = CallLedger(calls: scenario.calls, runsAllowed: scenario.runsAllowed)
        servers = (0..<scenario.servers).map { [simulation] in simulation.host($0 == 0 ? "server" : "server\($0)") }
        simulation.name("servers", servers.flatMap(\.addresses))
        clients = (0..<scenario.clients).map { [simulation] in simulation.host("client\($0)") }
        let planSeed = chance.next()
        self.scenario.clientLimits.engine = scenario.engines[chance.pick(0...scenario.engines.count - 1)]
        self.scenario.serverLimits.engine = scenario.engines[chance.pick(0...scenario.engines.count - 1)]
        plans = (0..<scenario.calls).map { scenario.mix.plan($0, seed: planSeed) }
        simulation.note("clients speak by \(self.scenario.clientLimits.engine)")
        simulation.note("the server speaks by \(self.scenario.serverLimits.engine)")
        if scenario.isSecure { security = try SimulatedSecurity(simulation) }
        for server in servers {
            for _ in 0..<scenario.serverLoops { listeners.append((server, try listen(server, on: server.loop()))) }
        }
        for client in clients { try addCaller(on: client) }
        for plan in plans { schedule(plan) }
        for event in scenario.events { schedule(event) }
    }

    // MARK: The world

    private func listen(_ server: Host, on loop: Loop) throws -> Listener {
        let router = Router(timers: loop)
        PlannedService(on: loop, ledger: ledger) { [plans] in plans[$0] }.register(in: router)
        return try Listener.listen(
            on: .ip("0.0.0.0", port: CallRun.port), network: server.network, loop: loop,
            security: security?.server ?? .plaintext, limits: scenario.serverLimits, acceptor: router,
            sharesPort: true)
    }

    private func addCaller(on host: Host) throws {
        let loop = host.loop()
        let link = try scenario.link?(host, loop, CallRun.port) ?? pool(on: host, loop)
        links.append(link)
        callers.append(PlannedCaller(link.channel, on: loop, ledger: ledger, repeats: scenario.repeats))
    }

    private func pool(on host: Host, _ loop: Loop) -> CallLink {
        let pool = ConnectionPool(
            to: .name("servers", port: CallRun.port), network: host.network, loop: loop,
            security: security?.client ?? .plaintext, limits: scenario.clientLimits)
        return CallLink(Channel(pool, destination: "servers", timers: loop)) {
            pool.activeExchanges
        } drain: {
            pool.drain()
        }
    }

    private func schedule(_ plan: CallPlan) {
        let caller = callers[chance.pick(0...callers.count - 1)]
        simulation.after(chance.pick(.zero...scenario.spread)) { [self] in
            let start = simulation.now
            caller.begin(plan) { [self] code, error in judge(plan, code, error, since: start) }
        }
    }

    private func schedule(_ event: CallScenario.Event) {
        for _ in 0..<chance.pick(event.times) {
            simulation.after(chance.pick(.zero...scenario.spread)) { [self] in
                if !isOver { happen(event.what) }
            }
        }
    }

    private func happen(_ what: CallScenario.Event.What) {
        let client = clients[chance.pick(0...clients.count - 1)]
        let server = servers[chance.pick(0...servers.count - 1)]
        switch what {
        case .cut(let times):
            let time = chance.pick(times)
            simulation.cut(client, server)
            simulation.after(time) { [self] in simulation.heal(client, server) }
        case .pauseServer(let times): lose(chance.pick(times)) { simulation.pause(server, for: $0) }
        case .pauseClient(let times): lose(chance.pick(times)) { simulation.pause(client, for: $0) }
        case .jump(let times): lose(chance.pick(times)) { simulation.jump(by: $0) }
        case .resetConnections: simulation.resetConnections(of: server)
        case .drain:
            let index = chance.pick(0...listeners.count - 1)
            let (host, old) = listeners[index]
            simulation.note("listener \(index) is replaced")
            do {
                listeners[index].listener = try listen(host, on: old.loop)
            } catch {
                ledger.complain("a listener cannot begin: \(error)")
            }
            old.drain(grace: CallRun.grace) {}
        }
    }

    private func lose(_ time: Duration, _ body: (Duration) -> Void) {
        lostTime += time
        body(time)
    }

    // MARK: Judging

    private func judge(_ plan: CallPlan, _ code: StatusCode, _ error: RPCError?, since start: Instant) {
        let took = start.duration(to: simulation.now)
        simulation.note("call \(plan.number) \(plan.kind.rawValue): \(code.name)")
        var allowed: Set<StatusCode> = [plan.failure ?? .ok]
        if plan.timeout != nil { allowed.insert(.deadlineExceeded) }
        if plan.cancelAfter != nil { allowed.insert(.cancelled) }
        if plan.leavesAfter != nil { allowed.insert(.ok) }
        if !allowed.contains(code), !scenario.mayFail.contains(code) {
            ledger.complain("\(plan) must not end with \(error.map { "\($0)" } ?? "OK")")
        }
        // Replies that came in time may be read later, by a caller that sleeps before each.
        let naps = (plan.readerDelay ?? .zero) * Double(plan.replies + 1)
        let tries = Double(scenario.repeats + 1)
        let bound = (plan.timeout ?? scenario.patience) * tries + scenario.slack * tries + lostTime + naps
        if took > bound { ledger.complain("\(plan) took \(took)") }
        if code == .deadlineExceeded, let timeout = plan.timeout, took + scenario.slack < timeout {
            ledger.complain("\(plan) met its deadline after \(took) already")
        }
    }

    func end() {
        simulation.end()
    }

    func report() throws -> CallReport {
        let start = simulation.now
        try run(within: scenario.spread + scenario.patience + .seconds(60)) { [self] in
            ledger.ended == scenario.calls || !ledger.complaints.isEmpty
        }
        isOver = true
        try run(within: scenario.patience) { [self] in ledger.handlersRunning == 0 }
        for link in links where link.active() != 0 {
            ledger.complain("\(link.active()) exchanges are counted when every call is over")
        }
        for link in links { link.drain() }
        for (_, listener) in listeners { listener.drain(grace: CallRun.grace) {} }
        let hosts = simulation.hosts
        try run(within: .seconds(180)) {
            hosts.allSatisfy { host in host.openHandles == 0 && host.loops.allSatisfy { $0.pendingTimers == 0 } }
        }
        for (_, listener) in listeners where listener.connectionCount != 0 {
            ledger.complain("a listener counts \(listener.connectionCount) connections when all are closed")
        }
        ledger.close()
        try check()
        return CallReport(
            seed: simulation.seed, digest: simulation.digest, summary: ledger.summary, handlers: ledger.handlersBegun,
            time: start.duration(to: simulation.now))
    }

    /// Runs on, and stops at the first complaint.
    private func run(within limit: Duration, until isThere: () -> Bool) throws {
        do {
            try simulation.run(within: limit, until: isThere)
        } catch let fault {
            let open = ledger.open
            if !open.isEmpty { ledger.complain("calls that have not ended: \(open)") }
            if ledger.handlersRunning > 0 { ledger.complain("\(ledger.handlersRunning) handlers still run") }
            for host in simulation.hosts {
                let timers = host.loops.reduce(0) { $0 + $1.pendingTimers }
                ledger.complain("\(host.name) has \(host.openHandles) handles and \(timers) timers")
            }
            try check(beside: fault)
        }
        try check()
    }

    private func check(beside fault: SimulationFault? = nil) throws {
        guard !ledger.complaints.isEmpty else { return }
        var all = ledger.complaints
        if let fault { all.append(fault.what) }
        throw SimulationFault(
            seed: simulation.seed, what: "\(scenario.name): " + all.joined(separator: "; "), at: simulation.now,
            tail: simulation.trace.tail)
    }
}
