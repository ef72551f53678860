import Logging
import Reactor
import ServiceKit
import Simulation
import Timebase

/// One process of the mesh on a simulated machine: it starts, crashes and starts anew, with the disk that it had.
///
///     down ──start──▶ running ──crash──▶ down        (its loop dies, its peers are reset)
///                        └──end──▶ draining ──▶ down  (as after SIGTERM)
final class MeshProcess: @unchecked Sendable {  // a simulation stays on one thread
    typealias Start = @Sendable (ProcessContext) async throws -> Void

    let name: String
    let files = MemoryFiles()
    private let simulation: Simulation
    private let chronicle: Chronicle
    private let settings: Settings
    private let begin: Start
    private(set) var host: Host
    private(set) var context: ProcessContext?
    /// Contexts of former lives, to be put away at the end.
    private(set) var former: [ProcessContext] = []
    /// It has drained, or ended itself: `host` does nothing more.
    private(set) var hasEnded = false
    /// Why it could not start.
    private(set) var fault: String?
    /// A successor is on its way.
    var isComing = false

    init(
        _ name: String, on simulation: Simulation, beside other: MeshProcess? = nil, chronicle: Chronicle,
        settings: Settings, begin: @escaping Start
    ) {
        self.name = name
        self.simulation = simulation
        self.chronicle = chronicle
        self.settings = settings
        self.begin = begin
        host = simulation.host(name, beside: other?.host)
    }

    var address: String { host.addresses[0] }
    var isUp: Bool { context != nil && !host.isDown && !hasEnded && context?.hasStopped == false }
    var isReady: Bool { isUp && context?.readiness.missing.isEmpty == true }

    func start() {
        precondition(context == nil, "a process starts once; then it is restarted")
        let loop = host.loop("main")
        hasEnded = false
        let context = ProcessContext(
            loop: loop, log: chronicle.log(of: name), settings: settings, network: host.network, files: files,
            exit: { [weak self] in self?.ended($0) })
        self.context = context
        // Nobody holds the task: it lives on its loop, and ends with it.
        loop.execute { [begin, weak self] in
            Task.immediate(executorPreference: loop) {
                do {
                    try await begin(context)
                } catch {
                    self?.failed("\(error)")
                }
            }
        }
    }

    /// The process is gone at once, and its peers are reset.
    func crash() {
        guard let context else { return }
        chronicle.add(name, "crashes")
        simulation.crash(host)
        former.append(context)
        self.context = nil
    }

    /// Begins to end, as after SIGTERM.
    func end() {
        guard let context, isUp else { return }
        context.loop.execute { context.stop(reason: "SIGTERM") }
    }

    /// A new process in its place, with the same settings, the same addresses and the same disk.
    func restart() {
        crash()
        host = simulation.restart(host)
        fault = nil
        chronicle.add(name, "starts anew")
        start()
    }

    /// Each will start on the other's machine, with its own disk.
    func exchangeHosts(with other: MeshProcess) {
        (host, other.host) = (other.host, host)
    }

    /// Has every life of it put away what it had.
    func bury() {
        for context in former + (context.map { [$0] } ?? []) {
            context.loop.execute { context.stop(reason: "the end of the simulation") }
        }
    }

    /// Drops what holds itself in rings through this.
    func forget() {
        former = []
        context = nil
    }

    private func ended(_ code: Int32) {
        chronicle.add(name, "ends with code \(code)")
        hasEnded = true
    }

    private func failed(_ why: String) {
        chronicle.add(name, "cannot start: \(why)")
        fault = why
    }
}
