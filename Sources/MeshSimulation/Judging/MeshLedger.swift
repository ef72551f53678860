import Exchange
import ProtoWire
import RPC
import Simulation
import Timebase

/// Keeps account of every call of a town, in every layer, and complains as soon as something does not add up.
///
/// A call is what one application asks of another once; what its sidecar makes of it are runs of handlers.
final class MeshLedger: @unchecked Sendable {  // a simulation stays on one thread
    /// More complaints say nothing new.
    private static let complaintLimit = 10

    struct Account {
        let method: String
        let caller: String
        /// The service of the caller, as its identity says it.
        let callerService: String
        /// 0 for a call of a caller, 1 for what its handler calls, and so on.
        let layer: Int
        let isIdempotent: Bool
        let began: Instant
        let deadline: Instant?
        /// It was made to see whether the mesh is well again.
        let isProbe: Bool
        var ended: Instant?
        var ends = 0
        var runs = 0
        var handlersEnded = 0
        var code = StatusCode.ok
        /// `PICK.no_endpoints`, if the mesh said why.
        var reason = ""
    }

    private(set) var accounts: [Account] = []
    private(set) var complaints: [String] = []
    private(set) var open = 0
    private(set) var handlersRunning = 0
    /// The last time that something stood in a message's way: until then, and for as long as it takes to pass, times that
    /// are told to others may be late.
    var lastDisturbance: Instant
    /// No more than this is on the way between two turns of applications, with nothing in the way.
    let transit: Duration
    /// After the end of a run, the dead put away what they had, and nobody listens.
    var isClosed = false
    private let simulation: Simulation
    private let chronicle: Chronicle
    /// Calls that run, by method, service of the caller, and replica.
    private var running: [String: Set<Int>] = [:]
    /// What one replica may run at once of a method, for each service that calls.
    var limits: [String: Int] = [:]
    /// Bugs that tests plant, to see that they are found.
    let planted: PlantedBugs

    init(_ simulation: Simulation, _ chronicle: Chronicle, transit: Duration, planted: PlantedBugs) {
        self.simulation = simulation
        self.chronicle = chronicle
        self.transit = transit
        self.planted = planted
        lastDisturbance = simulation.now
    }

    // MARK: Callers

    /// A call begins; answers its number.
    func began(
        _ method: String, isIdempotent: Bool, by caller: String, of service: String, layer: Int, timeout: Duration?,
        within outer: Instant?, isProbe: Bool
    ) -> Int {
        let now = simulation.now
        let own = timeout.map(now.advanced)
        let deadline = [own, outer].compactMap { $0 }.min()
        accounts.append(
            Account(
                method: method, caller: caller, callerService: service, layer: layer, isIdempotent: isIdempotent,
                began: now, deadline: deadline, isProbe: isProbe))
        open += 1
        return accounts.count - 1
    }

    func ended(_ number: Int, _ error: RPCError?) {
        guard !isClosed else { return }
        let now = simulation.now
        open -= 1
        accounts[number].ends += 1
        accounts[number].ended = now
        accounts[number].code = error?.code ?? .ok
        if let why = error?.why { accounts[number].reason = "\(why.phase).\(why.cause)" }
        let account = accounts[number]
        if let error {
            let reason = error.why.map { " \($0.reason)" } ?? ""
            chronicle.add(account.caller, "call \(number) of \(account.method): \(error.code.name)\(reason)")
        }
        if account.ends != 1 { complain("call \(number) ended \(account.ends) times") }
        // A handler that slept over its own deadline may begin a call whose time is over: that one ends at once.
        if let deadline = account.deadline, now > max(deadline, account.began).advanced(by: transit),
            isUndisturbed(since: account.began)
        {
            complain("call \(number) ended \(deadline.duration(to: now)) after its deadline")
        }
        if error == nil, account.runs == 0 { complain("call \(number) was answered, and nobody had served it") }
        if let error, !error.reachedPeer, error.origin != .local, account.runs > 0 {
            complain("call \(number) ran, and its caller was told that it had not reached the peer: \(error)")
        }
    }

    // MARK: Handlers

    /// A handler begins a call.
    func handlerBegan(_ number: Int, _ call: Call, of service: String, at instance: String, trustDomain: String) {
        guard !isClosed else { return }
        handlersRunning += 1
        guard accounts.indices.contains(number) else {
            return complain("\(instance) got the call \(number), which nobody made")
        }
        accounts[number].runs += 1
        let account = accounts[number]
        let now = simulation.now
        let limit = account.isIdempotent ? Int.max : 1
        running[account.method + account.callerService + instance, default: []].insert(number)
        checkBulkhead(account, instance)
        if account.runs > limit {
            complain("call \(number) of \(account.method), which is not idempotent, ran \(account.runs) times")
        }
        if "/" + account.method != call.method.path {
            complain("call \(number) of \(account.method) came to \(instance) as one of \(call.method.path)")
        }
        let expected = trustDomain + account.callerService
        if call.caller != expected {
            complain("call \(number) is of \(expected), and \(instance) was told of \(call.caller ?? "nobody")")
        }
        checkDeadline(number, account, call, instance, now)
    }

    /// At most so many calls of one method and caller run at one replica: those that their callers wait for.
    private func checkBulkhead(_ account: Account, _ instance: String) {
        guard let most = limits[account.method], isUndisturbed(since: account.began) else { return }
        let count = running[account.method + account.callerService + instance, default: []]
            .count { accounts[$0].ends == 0 && isUndisturbed(since: accounts[$0].began) }
        if count > most {
            complain(
                "\(count) calls of \(account.method) by \(account.callerService) run at \(instance), and \(most) may")
        }
    }

    private func checkDeadline(_ number: Int, _ account: Account, _ call: Call, _ instance: String, _ now: Instant) {
        guard let deadline = account.deadline else { return }
        guard let told = call.deadline else {
            return complain("call \(number) has a deadline, and \(instance) was told of none")
        }
        let whole = account.began.duration(to: deadline)
        let left = now.duration(to: told)
        if left >= whole { complain("call \(number) had \(whole), and \(instance) was given \(left)") }
        guard isUndisturbed(since: account.began) else { return }
        if told > deadline.advanced(by: transit) {
            complain("call \(number) must end by \(deadline), and \(instance) was told to end by \(told)")
        }
        if now > deadline.advanced(by: transit) {
            complain("call \(number) began at \(instance) \(deadline.duration(to: now)) after its deadline")
        }
    }

    func handlerEnded(_ number: Int, at instance: String) {
        guard !isClosed else { return }
        if accounts.indices.contains(number) {
            let account = accounts[number]
            running[account.method + account.callerService + instance]?.remove(number)
        }
        handlersRunning -= 1
        if accounts.indices.contains(number) { accounts[number].handlersEnded += 1 }
    }

    /// A process dies with the handlers that it runs.
    func lost(handlers: Int) { handlersRunning -= handlers }

    /// A process dies with the calls that its application has open: nobody waits for them any more.
    func lost(calls: [Int]) {
        for number in calls where accounts[number].ends == 0 {
            open -= 1
            accounts[number].ends = 1
            accounts[number].ended = simulation.now
            accounts[number].code = .cancelled
        }
    }

    // MARK: Complaints

    /// Nothing has stood in the way of messages since then, nor just before.
    func isUndisturbed(since start: Instant) -> Bool { lastDisturbance < start }

    func disturbed(for time: Duration = .zero) {
        lastDisturbance = max(lastDisturbance, simulation.now.advanced(by: time))
    }

    func complain(_ what: String) {
        guard !isClosed, complaints.count < MeshLedger.complaintLimit else { return }
        complaints.append(what)
        chronicle.add("INVARIANT", what)
    }

    /// Calls that have not ended.
    var openNumbers: [Int] { accounts.indices.filter { accounts[$0].ends == 0 } }
}

/// Bugs of a mesh that tests plant, each of which one invariant must find.
package struct PlantedBugs: Sendable {
    /// A contract says of methods that they may be repeated, and they may not.
    package var contractsLie = false
    /// Applications call others without the deadline that they were given.
    package var forgetsDeadlines = false
    /// Applications give what they call more time than they have.
    package var lengthensDeadlines = false
    /// A sidecar joins under the name of another service.
    package var takesOtherName = false
    /// The mesh lets through more calls at once than the town says.
    package var widensBulkheads = false
    /// One replica of each service fails for ever.
    package var neverMends = false
    /// An application opens a socket and does not close it.
    package var leaksSockets = false
    /// A handler answers twice, as far as the ledger knows.
    package var endsTwice = false
    /// A handler never answers.
    package var hangs = false
    /// Links are slower than anybody was told: what was sent in time arrives too late.
    package var secretlySlow = false

    package init() {}
}
