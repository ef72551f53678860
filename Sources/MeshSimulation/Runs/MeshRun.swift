import Logging
import Policy
import RPC
import Reactor
import Resilience
import ServiceKit
import Sidecar
public import Simulation
import Timebase

extension MeshScenario {
    /// Runs it from a seed. `chronicle` gets every line in words, `trace` every event of the network and the loops.
    @discardableResult
    public func run(
        seed: UInt64, chronicle: ((String) -> Void)? = nil, trace: ((Trace.Line) -> Void)? = nil
    ) throws -> MeshReport {
        let run = try MeshRun(self, seed: seed, chronicle: chronicle, trace: trace)
        defer { run.bury() }
        return try run.report()
    }
}

/// One run of a scenario: the town comes up, callers call while things break, everything is mended, calls must succeed
/// again, and then everything ends and must leave nothing.
private final class MeshRun: @unchecked Sendable {  // a simulation stays on one thread
    /// Certificates, a registry and a contract for everybody.
    private static let comingUp: Duration = .seconds(40)
    /// A call without a deadline and without faults ends within so long.
    private static let patience: Duration = .seconds(90)
    /// Drains have 30 s (DESIGN §6), one after the other.
    private static let drain: Duration = .seconds(100)
    private static let betweenProbes: Duration = .milliseconds(500)
    private static let probeTimeout: Duration = .seconds(5)
    /// So many in a row must succeed.
    private static let probes = 3

    private let scenario: MeshScenario
    private let simulation: Simulation
    private let chronicle: Chronicle
    private let ledger: MeshLedger
    private let mesh: MeshTown
    private let watchdog: Watchdog
    private let faults: MeshFaults
    private var chance: Chance

    init(
        _ scenario: MeshScenario, seed: UInt64, chronicle sink: ((String) -> Void)?, trace: ((Trace.Line) -> Void)?
    ) throws {
        self.scenario = scenario
        var limits = SimulationLimits()
        limits.maxTurns = 20_000_000
        simulation = Simulation(
            seed: seed, conditions: scenario.town.conditions, limits: limits, trace: Trace(to: trace))
        chance = simulation.newChance()
        chronicle = Chronicle(of: simulation, level: .notice, to: sink)
        // Three links, each with a request's way, and turns of six loops in between.
        ledger = MeshLedger(
            simulation, chronicle,
            transit: (scenario.planted.secretlySlow ? Town.lan : scenario.town.conditions).latency.upperBound * 4
                + .milliseconds(10),
            planted: scenario.planted)
        mesh = try MeshTown(scenario.town, simulation, chronicle, ledger)
        watchdog = Watchdog(ledger)
        faults = MeshFaults(mesh, chance: simulation.newChance())
        simulation.afterTurn = { [watchdog, mesh] host in
            if let pod = mesh.pod(on: host) { watchdog.look(at: pod) }
        }
    }

    // MARK: Phases

    func report() throws -> MeshReport {
        let start = simulation.now
        try comeUp()
        faults.schedule(scenario.faults, within: scenario.spread)
        if let script = scenario.script { faults.follow(script) }
        callAll()
        try run(for: scenario.spread)
        if !scenario.planted.neverMends { faults.end() }
        try recover()
        try settle()
        let retries = mesh.retries()
        try end()
        let rows = ledger.rows(in: scenario.town)
        for row in rows { checkBudget(row) }
        if let most = scenario.mostRunsPerCall { checkDepth(rows, most) }
        try check()
        return MeshReport(
            seed: simulation.seed, digest: simulation.digest, calls: ledger.accounts.count,
            handlers: rows.reduce(0) { $0 + $1.runs }, summary: summary, time: start.duration(to: simulation.now),
            rows: rows, trips: watchdog.trips, retries: retries)
    }

    private func comeUp() throws {
        mesh.startControl()
        try run(within: MeshRun.comingUp, "the control plane is up") { [mesh] in mesh.control.isReady }
        try mesh.startPods()
        try run(within: MeshRun.comingUp, "every sidecar knows every replica") { [mesh] in mesh.isWhole }
        if let policy = scenario.town.policy {
            try run(within: MeshRun.comingUp, "the operator is a member") { [mesh] in
                mesh.operatorMember?.isMember == true
            }
            let applied = Flag()
            mesh.operatorMember?.apply(policy) { applied.isSet = true }
            try run(within: MeshRun.comingUp, "the policies are applied") { applied.isSet }
            // Members hear of them by their watches.
            try run(for: .seconds(1))
        }
        chronicle.add("town", "everybody is there")
    }

    private func callAll() {
        for caller in scenario.town.callers {
            let count = Int(caller.callsPerSecond * Double(scenario.spread.clampedNanoseconds) / 1e9)
            for _ in 0..<count {
                let at = chance.within(.zero...scenario.spread)
                let timeout = chance.isHit(caller.withDeadline) ? chance.within(caller.timeout) : nil
                let cancel = chance.isHit(caller.cancelled) ? chance.within(caller.cancelAfter) : nil
                let method = chance.one(of: caller.calls)
                let replica = chance.within(1...caller.replicas)
                simulation.after(at) { [mesh] in
                    let pod = mesh.pods.first { $0.isCaller && $0.instance == "\(caller.name)-\(replica)" }
                    pod?.app?.begin(method, timeout: timeout, cancelAfter: cancel)
                }
            }
        }
    }

    /// After the last fault: every caller's calls must succeed again, a few in a row.
    private func recover() throws {
        let since = simulation.now
        // A deployment that was under way goes on: its drain has 30 s.
        try run(within: .seconds(60), "every process is there again") { [mesh] in
            mesh.processes.allSatisfy { $0.isUp && !$0.isComing }
        }
        if scenario.failsForGood { return }
        let succeeded = Successes()
        var wanted: [String] = []
        func probe(_ pod: MeshTown.Pod, _ method: String, _ key: String) {
            guard succeeded[key] < MeshRun.probes else { return }
            pod.app?.begin(method, timeout: MeshRun.probeTimeout, cancelAfter: nil, isProbe: true) { isWell in
                succeeded[key] = isWell ? succeeded[key] + 1 : 0
            }
            simulation.after(MeshRun.betweenProbes) { probe(pod, method, key) }
        }
        for pod in mesh.pods where pod.isCaller {
            for method in scenario.town.callers.first(where: { $0.name == pod.service })?.calls ?? [] {
                wanted.append("\(pod.instance) \(method)")
                probe(pod, method, "\(pod.instance) \(method)")
            }
        }
        try run(within: scenario.recovery, "calls succeed again") {
            wanted.allSatisfy { succeeded[$0] >= MeshRun.probes }
        }
        chronicle.add("town", "calls succeed again after \(since.duration(to: simulation.now))")
    }

    private final class Flag: @unchecked Sendable {  // a simulation stays on one thread
        var isSet = false
    }

    /// How often in a row the probes of a caller succeeded.
    private final class Successes: @unchecked Sendable {  // a simulation stays on one thread
        private var counts: [String: Int] = [:]

        subscript(key: String) -> Int {
            get { counts[key] ?? 0 }
            set { counts[key] = newValue }
        }
    }

    private func settle() throws {
        try run(within: MeshRun.patience, "every call ends") { [ledger] in
            ledger.open == 0 && ledger.handlersRunning == 0
        }
        // What travels back yet: resets of streams, acknowledgements.
        try run(for: .seconds(3))
        for pod in mesh.pods { watchdog.lookAtRest(pod) }
        try check()
    }

    private func end() throws {
        for pod in mesh.pods where pod.isCaller { pod.processes.forEach { $0.end() } }
        for pod in mesh.pods where !pod.isCaller { pod.processes.forEach { $0.end() } }
        mesh.operatorProcess?.end()
        mesh.control.end()
        let processes = mesh.processes
        try run(within: MeshRun.drain, "every process drains") { processes.allSatisfy { !$0.isUp } }
        try run(for: .seconds(5))
        for process in processes where process.host.openHandles != 0 {
            ledger.complain("\(process.name) has drained and has \(process.host.openHandles) handles")
        }
        try check()
    }

    /// What the last layer runs for one call of a caller, through all layers.
    private func checkDepth(_ rows: [MeshRow], _ most: Double) {
        let roots = rows.filter { row in scenario.town.callers.contains { $0.name == row.caller } }
        let calls = roots.reduce(0) { $0 + $1.calls }
        for service in scenario.town.services {
            let runs = rows.filter { $0.service == service.name }.reduce(0) { $0 + $1.runs }
            let share = Double(runs) / Double(max(1, calls))
            if share > most { ledger.complain("\(calls) calls became \(runs) runs at \(service.name): \(share) each") }
        }
    }

    private func checkBudget(_ row: MeshRow) {
        let seconds = Double(scenario.spread.clampedNanoseconds) / 1e9 + 10
        let sidecars =
            scenario.town.callers.first { $0.name == row.caller }?.replicas
            ?? scenario.town.services.first { $0.name == row.caller }?.replicas ?? 1
        let budget = scenario.budget
        let most = Double(row.calls) * (1 + budget.share) + budget.perSecond * seconds * Double(sidecars)
        if Double(row.runs) > most {
            ledger.complain(
                "\(row.calls) calls of \(row.method) by \(row.caller) became \(row.runs) runs; \(most) may be")
        }
    }

    // MARK: Running and judging

    private func run(for time: Duration) throws {
        let end = simulation.now.advanced(by: time)
        simulation.after(time) {}
        try run(within: time + .seconds(10), "time passes") { [simulation] in simulation.now >= end }
    }

    /// Runs until something holds, and stops at the first complaint.
    private func run(within limit: Duration, _ what: String, until isThere: () -> Bool) throws {
        do {
            try simulation.run(within: limit) { isThere() || !ledger.complaints.isEmpty }
        } catch let fault {
            ledger.complain("it did not come about that \(what): \(fault.what)")
            for line in state() { chronicle.add("state", line) }
        }
        judgeEnds()
        try check()
    }

    /// A call that ended with a code which nothing explains.
    private func judgeEnds() {
        for number in judged..<ledger.accounts.count {
            // Only a prefix that is over is looked at, so that each call is looked at once.
            let account = ledger.accounts[number]
            guard account.ends > 0 else { return }
            judged = number + 1
            var allowed = scenario.mayFail.union([.ok, .cancelled])
            if account.deadline != nil || hasTimeouts { allowed.insert(.deadlineExceeded) }
            if !allowed.contains(account.code) {
                ledger.complain(
                    "call \(number) of \(account.method) by \(account.caller) must not end with \(account.code.name) "
                        + account.reason)
            }
        }
    }
    private var judged = 0
    private var hasTimeouts: Bool { scenario.town.services.contains { $0.methods.contains { $0.timeout != nil } } }

    private func state() -> [String] {
        var lines: [String] = []
        for process in mesh.processes {
            let missing = process.context?.readiness.missing.joined(separator: ", ") ?? "no process"
            lines.append(
                "\(process.name): \(process.isUp ? "up" : "down")\(missing.isEmpty ? "" : ", " + missing), "
                    + "\(process.host.openHandles) handles")
        }
        for pod in mesh.pods {
            for (name, destination) in (pod.sidecar?.destinations ?? [:]).sorted(by: { $0.key < $1.key }) {
                let endpoints = destination.endpointStatuses(at: simulation.now)
                    .map { "\($0.address) \($0.breaker.summary) \($0.connection)" }.joined(separator: "; ")
                lines.append("\(pod.instance) to \(name): \(endpoints)")
            }
        }
        let open = ledger.openNumbers
        if !open.isEmpty { lines.append("calls that have not ended: \(open.prefix(20))") }
        return lines
    }

    private func check() throws {
        guard !ledger.complaints.isEmpty else { return }
        throw MeshViolation(
            scenario: scenario.name, seed: simulation.seed, at: simulation.now, complaints: ledger.complaints,
            transcript: chronicle.tail)
    }

    private var summary: String {
        var codes: [StatusCode: Int] = [:]
        for account in ledger.accounts { codes[account.code, default: 0] += 1 }
        return codes.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.name) \($0.value)" }
            .joined(separator: ", ")
    }

    /// Gives back what the run held: processes that died would keep their tasks for ever.
    func bury() {
        ledger.isClosed = true
        chronicle.close()
        simulation.bury { [mesh] in
            for process in mesh.processes { process.bury() }
        }
        for process in mesh.processes { process.forget() }
        simulation.end()
    }
}
