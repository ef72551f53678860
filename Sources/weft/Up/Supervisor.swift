import Glibc
import Reactor
import Timebase

/// Keeps the processes of a local mesh alive: starts each when what it needs is ready, restarts what ends, stops all.
///
/// Loop-bound. What to do with one process is decided by its `ProcessLife`; this shell waits, spawns and kills.
final class Supervisor: @unchecked Sendable {  // touched on its loop alone
    final class Child {
        let spec: ProcessSpec
        var life = ProcessLife()
        var pid: pid_t?
        var lastEnd: String?
        var probe: PageProbe?

        init(_ spec: ProcessSpec) {
            self.spec = spec
        }

        var isReady: Bool { if case .ready = life.state { true } else { false } }
    }

    let loop: Loop
    private(set) var children: [Child]
    private let logFolder: String
    /// Something changed that a person should see.
    var changed: () -> Void = {}
    /// A process cannot be brought up: its name, and where its log is.
    var gaveUp: (_ child: Child, _ logFile: String) -> Void = { _, _ in }
    /// Every child has ended after `stop`.
    private var stopped: (() -> Void)?

    private static let probeInterval = Duration.milliseconds(50)
    /// Longer than the drain of a process (30 s would be its last resort): after it a child is killed.
    private static let stopGrace = Duration.seconds(10)

    init(_ specs: [ProcessSpec], loop: Loop, logFolder: String) {
        self.loop = loop
        self.logFolder = logFolder
        children = specs.map(Child.init)
    }

    private(set) var isStopping = false
    var isAllReady: Bool { children.allSatisfy(\.isReady) }

    func logFile(of child: Child) -> String {
        "\(logFolder)/\(child.spec.name.map { $0 == "/" ? "-" : $0 }.map(String.init).joined()).log"
    }

    /// Starts what can be started now. Called at the beginning and after every change.
    func advance() {
        guard !isStopping else { return }
        for child in children where child.life.state == .waiting && areNeedsReady(child) {
            start(child)
        }
    }

    private func areNeedsReady(_ child: Child) -> Bool {
        child.spec.needs.allSatisfy { need in children.contains { $0.spec.name == need && $0.isReady } }
    }

    private func start(_ child: Child) {
        do {
            child.pid = try ChildProcess.start(child.spec, logFile: logFile(of: child))
            child.life.started()
            ask(child)
        } catch {
            child.lastEnd = "\(error)"
            follow(child, child.life.ended(exitCode: ProcessLife.usageExitCode, at: loop.now))
        }
        changed()
    }

    private func ask(_ child: Child) {
        guard child.life.state == .starting else { return }
        switch child.spec.probe {
        case .none: answered(child)
        case .ready(let address):
            let pid = child.pid
            child.probe = PageProbe(address: address, path: "/ready", loop: loop) { [weak self, weak child] status, _ in
                guard let self, let child, child.pid == pid else { return }
                child.probe = nil
                if status == 200 { self.answered(child) } else { self.askLater(child, pid) }
            }
            if child.probe == nil {
                askLater(child, pid)
            }
        }
    }

    private func askLater(_ child: Child, _ pid: pid_t?) {
        _ = loop.schedule(after: Self.probeInterval) { [weak self, weak child] in
            guard let self, let child, child.pid == pid else { return }
            self.ask(child)
        }
    }

    private func answered(_ child: Child) {
        child.life.answered(at: loop.now)
        changed()
        advance()
    }

    /// Call when SIGCHLD came.
    func reap() {
        for end in ChildProcess.reap() {
            guard let child = children.first(where: { $0.pid == end.pid }) else { continue }
            child.pid = nil
            child.probe = nil
            child.lastEnd = end.text
            if !isStopping {
                follow(child, child.life.ended(exitCode: end.exitCode, at: loop.now))
            }
            changed()
        }
        if let stopped, children.allSatisfy({ $0.pid == nil }) {
            self.stopped = nil
            stopped()
        }
    }

    private func follow(_ child: Child, _ step: ProcessLife.Step) {
        switch step {
        case .none: break
        case .giveUp: gaveUp(child, logFile(of: child))
        case .wake(let instant):
            _ = loop.schedule(at: instant) { [weak self, weak child] in
                guard let self, let child else { return }
                child.life.woke(at: self.loop.now)
                self.advance()
            }
        }
    }

    /// Stops every child, those that others need last, and calls `done` when the last has ended.
    func stop(_ done: @escaping () -> Void) {
        isStopping = true
        stopped = done
        stopNext(children.reversed().filter { $0.pid != nil })
        _ = loop.schedule(after: Self.stopGrace) { [weak self] in
            for child in self?.children ?? [] {
                if let pid = child.pid { kill(pid, SIGKILL) }
            }
        }
    }

    /// All at once: what is in flight ends by each process's own drain.
    private func stopNext(_ running: [Child]) {
        for child in running {
            if let pid = child.pid { kill(pid, SIGTERM) }
        }
        if running.isEmpty {
            loop.execute { [weak self] in self?.reapNothing() }
        }
    }

    private func reapNothing() {
        let done = stopped
        stopped = nil
        done?()
    }
}
