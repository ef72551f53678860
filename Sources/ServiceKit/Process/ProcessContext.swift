internal import Glibc
public import Logging
public import Reactor
internal import Synchronization
package import Traces
package import Transport

/// What a process's parts share: its loop, log, settings, metrics, readiness, and what to do before it ends.
public final class ProcessContext: @unchecked Sendable {  // what changes in it is touched on the loop alone
    public let loop: Loop
    public let log: Logger
    public let settings: Settings
    public let metrics = MetricsRegistry()
    public let readiness = ProcessReadiness()
    /// Where its listeners and connections are: the system's sockets, or a simulation's.
    package let network: any Network
    /// Where its settings name files: the system's, or a simulation's.
    package let files: any FileStore
    /// What the environment says of tracing; nil if nobody traces.
    package let tracing: TraceSettings?
    /// Once tracing has started.
    package internal(set) var tracer: Tracer?
    /// What the process has open, for operators.
    let channelz: LoopChannelz

    private var drains: [(name: String, drain: (@escaping @Sendable () -> Void) -> Void)] = []
    private var stops: [() -> Void] = []
    private var kept: [AnyObject] = []
    private var isStopping = false
    /// Everything has drained: the process ends with this turn of its loop.
    package private(set) var hasStopped = false
    private let exit: (Int32) -> Void

    /// - Parameter exit: ends the process with a code. A simulated one only ceases to be.
    package init(
        loop: Loop, log: Logger, settings: Settings, network: any Network = SystemNetwork(),
        files: any FileStore = SystemFiles(), tracing: TraceSettings? = nil,
        exit: @escaping (Int32) -> Void = { Glibc.exit($0) }
    ) {
        self.loop = loop
        self.log = log
        self.settings = settings
        self.network = network
        self.files = files
        self.tracing = tracing
        self.exit = exit
        channelz = LoopChannelz([loop])
    }

    /// Keeps an object for as long as the process lives: a listener, a pool, a watcher.
    public func keep(_ object: AnyObject) {
        kept.append(object)
    }

    /// Registers what happens as soon as the process begins to end, before anything drains: ending streams that last as
    /// long as their callers like, for which a listener's drain would wait in vain.
    public func onStop(_ action: @escaping () -> Void) {
        stops.append(action)
    }

    /// Registers what must happen before the process ends. Drains run one after another, the last registered first, each
    /// until it calls what it is given; all together they have `ProcessShell.drainGrace`.
    public func onDrain(_ name: String, _ drain: @escaping (@escaping @Sendable () -> Void) -> Void) {
        drains.append((name, drain))
    }

    /// Begins to end the process. A second call ends it at once.
    public func stop(reason: String) {
        guard !isStopping else {
            log.notice("stopping at once", metadata: ["reason": "\(reason)"])
            return exit(130)
        }
        isStopping = true
        readiness.refuse("draining")
        for action in stops { action() }
        stops = []
        log.notice("draining", metadata: ["reason": "\(reason)"])
        _ = loop.schedule(after: ProcessShell.drainGrace) { [log, exit] in
            log.warning("the drain took too long; stopping with work in flight")
            exit(0)
        }
        drainNext()
    }

    private func drainNext() {
        guard let next = drains.popLast() else {
            log.notice("stopped")
            hasStopped = true
            loop.stop()
            return
        }
        log.debug("draining", metadata: ["part": "\(next.name)"])
        next.drain { [self] in drainNext() }
    }

    /// The value of a setting that must be there.
    public func require(_ name: String) throws(ProcessFault) -> String {
        guard let value = settings[name], !value.isEmpty else {
            throw ProcessFault("'--\(name)' is required", hint: "give it, or see --help", exitCode: 2)
        }
        return value
    }
}

/// Whether the process can take work, and if not, why: what `/ready` answers.
public final class ProcessReadiness: Sendable {
    private let reasons = Mutex<[String]>(["starting"])

    /// Says that a condition does not hold: `no identity yet`.
    public func refuse(_ reason: String) {
        reasons.withLock { if !$0.contains(reason) { $0.append(reason) } }
    }

    /// Says that a condition holds now.
    public func accept(_ reason: String) {
        reasons.withLock { $0.removeAll { $0 == reason } }
    }

    /// The start is over.
    public func started() {
        accept("starting")
    }

    public var missing: [String] { reasons.withLock { $0 } }
}
