import Simulation
import Timebase

/// Breaks a town, and mends it again.
final class MeshFaults {
    /// The clocks of machines may differ by less than certificates forgive (20 s, DESIGN §6).
    private static let mostSkew: Duration = .seconds(9)
    /// After a fault is over: what was lost is sent again within so long (a kernel's doubled pauses, 30 s at most).
    private static let echo: Duration = .seconds(30)

    /// Until everybody knows that a connection is gone.
    private static let hiccup: Duration = .milliseconds(200)

    private let mesh: MeshTown
    private var simulation: Simulation { mesh.simulation }
    private var chance: Chance
    private var isOver = false
    /// What is not mended yet.
    private var wounds: [Int: () -> Void] = [:]
    private var nextWound = 0

    init(_ mesh: MeshTown, chance: Chance) {
        self.mesh = mesh
        self.chance = chance
    }

    func schedule(_ faults: [MeshFault], within spread: Duration) {
        for fault in faults {
            for _ in 0..<chance.within(fault.times) {
                simulation.after(chance.within(.zero...spread)) { [self] in
                    if !isOver { happen(fault) }
                }
            }
        }
    }

    /// Breaks what was asked for, when it was.
    func follow(_ script: MeshForecast) {
        mesh.weather.failing = script.failing
        mesh.weather.slow = script.slow
        for kill in script.kills {
            simulation.after(kill.at) { [self] in
                guard let pod = mesh.pods.first(where: { $0.instance == kill.instance }) else { return }
                crash(pod, application: true, sidecar: true, for: kill.down)
            }
        }
    }

    /// Nothing breaks any more, and what is broken is mended.
    func end() {
        isOver = true
        for (_, mend) in wounds.sorted(by: { $0.key < $1.key }) { mend() }
        wounds = [:]
        mesh.chronicle.add("faults", "everything is mended")
    }

    private func happen(_ fault: MeshFault) {
        let time = chance.within(fault.lasting)
        let replicas = mesh.pods.filter { !$0.isCaller }
        let pod = chance.one(of: replicas)
        let any = chance.one(of: mesh.pods)
        switch fault.what {
        case .cut: cut(any.sidecarProcess, chance.one(of: mesh.pods).sidecarProcess, for: time)
        case .cutFromControl: cut(any.sidecarProcess, mesh.control, for: time)
        case .resetConnections: reset(chance.one(of: any.processes))
        case .pause: pause(chance.one(of: mesh.processes), for: time)
        case .crashApplication: crash(pod, application: true, sidecar: false, for: time)
        case .crashSidecar: crash(any, application: false, sidecar: true, for: time)
        case .crashPod: crash(pod, application: true, sidecar: true, for: time)
        case .crashControl: crash(mesh.control, for: time)
        case .deploy: deploy(pod, pausing: time)
        case .deployControl: deploy(mesh.control, pausing: time)
        case .slow: slow(pod, for: time)
        case .failing: fail(pod, for: time)
        case .skew: skew(chance.one(of: mesh.processes), for: time)
        case .weather: weather(for: time)
        case .jump: jump(by: time)
        case .exchangeAddresses: exchange(pod, chance.one(of: replicas), for: time)
        case .policy: applyPolicy()
        }
    }

    private func after(_ time: Duration, _ mend: @escaping () -> Void) {
        let number = nextWound
        nextWound += 1
        wounds[number] = mend
        simulation.after(time) { [self] in
            if let mend = wounds.removeValue(forKey: number) { mend() }
        }
    }

    private func say(_ what: String) { mesh.chronicle.add("FAULT", what) }

    // MARK: Links

    private func cut(_ one: MeshProcess, _ other: MeshProcess, for time: Duration) {
        guard one !== other else { return }
        say("\(one.name) and \(other.name) do not reach each other for \(time)")
        mesh.ledger.disturbed(for: time + Self.echo)
        simulation.cut(one.host, other.host)
        after(time) { [self] in
            say("\(one.name) and \(other.name) reach each other")
            simulation.heal(one.host, other.host)
            mesh.ledger.disturbed(for: Self.echo)
        }
    }

    private func reset(_ process: MeshProcess) {
        guard process.isUp else { return }
        say("every connection of \(process.name) is reset")
        mesh.ledger.disturbed(for: Self.hiccup)
        simulation.resetConnections(of: process.host)
    }

    private func weather(for time: Duration) {
        let usual = simulation.conditions
        say("the network is slow and lossy for \(time)")
        mesh.ledger.disturbed(for: time + Self.echo)
        simulation.conditions.latency = .milliseconds(1)...(.milliseconds(chance.within(5...100)))
        simulation.conditions.losses = 0.02
        simulation.conditions.segment = 1...1_500
        after(time) { [self] in
            say("the network is well")
            simulation.conditions = usual
        }
    }

    private func jump(by time: Duration) {
        say("the clock jumps by \(time)")
        mesh.ledger.disturbed(for: time)
        simulation.jump(by: time)
    }

    private func skew(_ process: MeshProcess, for time: Duration) {
        let most = Self.mostSkew.clampedNanoseconds
        let skew = Duration.nanoseconds(Int64.random(in: -most...most, using: &chance))
        say("the clock of \(process.name) is wrong by \(skew)")
        process.host.clockSkew = skew
        after(time) { process.host.clockSkew = .zero }
    }

    // MARK: Processes

    private func pause(_ process: MeshProcess, for time: Duration) {
        say("\(process.name) stands still for \(time)")
        mesh.ledger.disturbed(for: time + .milliseconds(100))
        simulation.pause(process.host, for: time)
    }

    private func crash(_ process: MeshProcess, for time: Duration) {
        guard !process.isComing, process.isUp else { return }
        process.isComing = true
        say("\(process.name) is killed")
        mesh.ledger.disturbed(for: Self.hiccup)
        process.crash()
        after(time) {
            process.isComing = false
            process.restart()
        }
    }

    private func crash(_ pod: MeshTown.Pod, application: Bool, sidecar: Bool, for time: Duration) {
        if application, !pod.appProcess.isComing, pod.appProcess.isUp {
            mesh.loseApplication(of: pod)
            crash(pod.appProcess, for: time)
        }
        if sidecar, !pod.sidecarProcess.isComing, pod.sidecarProcess.isUp {
            pod.sidecar = nil
            crash(pod.sidecarProcess, for: time)
        }
    }

    /// As `kubectl rollout restart` has it, one replica at a time: both processes drain, and successors start.
    private func deploy(_ pod: MeshTown.Pod, pausing time: Duration) {
        guard pod.processes.allSatisfy({ !$0.isComing && $0.isUp }) else { return }
        say("\(pod.instance) is deployed anew")
        pod.sidecarProcess.isComing = true
        pod.appProcess.isComing = true
        pod.sidecarProcess.end()
        // The application ends when its sidecar has nothing more for it, as the pod's preStop hook has it.
        whenEnded(pod.sidecarProcess) { [self] in
            pod.appProcess.end()
            whenEnded(pod.appProcess) { [self] in
                after(time) { [self] in
                    pod.sidecarProcess.isComing = false
                    pod.appProcess.isComing = false
                    mesh.loseApplication(of: pod)
                    pod.sidecar = nil
                    pod.sidecarProcess.restart()
                    pod.appProcess.restart()
                }
            }
        }
    }

    private func deploy(_ process: MeshProcess, pausing time: Duration) {
        guard !process.isComing, process.isUp else { return }
        say("\(process.name) is deployed anew")
        process.isComing = true
        process.end()
        whenEnded(process) { [self] in
            after(time) {
                process.isComing = false
                process.restart()
            }
        }
    }

    /// Looks every few milliseconds; a drain has an end.
    private func whenEnded(_ process: MeshProcess, _ then: @escaping () -> Void) {
        simulation.after(.milliseconds(5)) { [self] in
            if process.isUp { whenEnded(process, then) } else { then() }
        }
    }

    private func exchange(_ one: MeshTown.Pod, _ other: MeshTown.Pod, for time: Duration) {
        let processes = one.processes + other.processes
        guard one.service != other.service, processes.allSatisfy({ !$0.isComing && $0.isUp }) else { return }
        say("\(one.instance) and \(other.instance) die, and each comes back at the address of the other")
        mesh.ledger.disturbed(for: Self.hiccup)
        for pod in [one, other] {
            mesh.loseApplication(of: pod)
            pod.sidecar = nil
        }
        for process in processes {
            process.isComing = true
            process.crash()
        }
        after(time) { [mesh] in
            mesh.exchange(one, other)
            for process in processes {
                process.isComing = false
                process.restart()
            }
        }
    }

    private func applyPolicy() {
        guard let member = mesh.operatorMember, member.isMember, !mesh.town.otherPolicies.isEmpty else { return }
        say("an operator applies other policies")
        member.apply(chance.one(of: mesh.town.otherPolicies)) {}
    }

    // MARK: Handlers

    private func slow(_ pod: MeshTown.Pod, for time: Duration) {
        let more = chance.within(.milliseconds(50)...(.seconds(1)))
        say("handlers of \(pod.instance) take \(more) more")
        mesh.weather.slow[pod.instance] = more
        after(time) { [mesh] in mesh.weather.slow[pod.instance] = nil }
    }

    private func fail(_ pod: MeshTown.Pod, for time: Duration) {
        let share = [0.1, 0.5, 1.0][chance.within(0...2)]
        say("handlers of \(pod.instance) fail \(Int(share * 100)) % of calls")
        mesh.weather.failing[pod.instance] = share
        after(time) { [mesh] in mesh.weather.failing[pod.instance] = nil }
    }
}
