import Control
import Exchange
import Policy
import Reactor
import ServiceKit
import Sidecar
import Simulation
import Timebase
import Transport

/// A town that stands: its control plane, and a sidecar with an application for each replica and each caller.
final class MeshTown: @unchecked Sendable {  // a simulation stays on one thread
    static let trustDomain = "sim.local"
    static let namespace = "sim"
    private static let controlPort: UInt16 = 4100
    private static let inboundPort: UInt16 = 4143
    private static let outboundPort: UInt16 = 4140
    /// Its text is no secret in here.
    private static let token = "a-token-of-the-simulation"

    let town: Town
    let simulation: Simulation
    let chronicle: Chronicle
    let ledger: MeshLedger
    let weather = TownApplication.Weather()
    let control: MeshProcess
    /// Only in a town with policies.
    private(set) var operatorProcess: MeshProcess?
    private(set) var operatorMember: Operator?
    private(set) var pods: [Pod] = []

    /// A replica or a caller: a sidecar and an application on one machine.
    final class Pod: @unchecked Sendable {  // a simulation stays on one thread
        let service: String
        let instance: String
        let isCaller: Bool
        fileprivate(set) var sidecarProcess: MeshProcess!
        fileprivate(set) var appProcess: MeshProcess!
        /// What runs in them, as long as they live.
        var sidecar: Sidecar?
        fileprivate(set) var app: TownApplication?

        init(_ service: String, _ instance: String, isCaller: Bool) {
            self.service = service
            self.instance = instance
            self.isCaller = isCaller
        }

        var isUp: Bool { sidecarProcess.isUp && appProcess.isUp && app != nil }
        var processes: [MeshProcess] { [sidecarProcess, appProcess] }
    }

    init(_ town: Town, _ simulation: Simulation, _ chronicle: Chronicle, _ ledger: MeshLedger) throws {
        self.town = town
        self.simulation = simulation
        self.chronicle = chronicle
        self.ledger = ledger
        for service in town.services {
            for method in service.methods { ledger.limits[method.name] = method.maxInFlight }
        }
        var settings = try Settings(ControlProcess.flags, arguments: [], environment: [:])
        let all = town.services.map(\.name) + town.callers.map(\.name) + [Operator.service]
        settings["listen"] = "0.0.0.0:\(Self.controlPort)"
        settings["admin"] = "127.0.0.1:4101"
        settings["state-dir"] = "state"
        settings["trust-domain"] = Self.trustDomain
        settings["namespace"] = Self.namespace
        settings["join-tokens"] = "tokens"
        settings["leaf-lifetime"] = town.leafLifetime.contractText
        control = MeshProcess("control", on: simulation, chronicle: chronicle, settings: settings) {
            try await ControlProcess.start($0)
        }
        control.files.write(all.map { "\($0) \(Self.token)\n" }.joined(), to: "tokens")
        for service in town.services {
            for index in 1...service.replicas {
                try add(Pod(service.name, "\(service.name)-\(index)", isCaller: false))
            }
        }
        for caller in town.callers {
            for index in 1...caller.replicas { try add(Pod(caller.name, "\(caller.name)-\(index)", isCaller: true)) }
        }
        if town.policy != nil || !town.otherPolicies.isEmpty { try addOperator() }
    }

    var processes: [MeshProcess] {
        [control] + (operatorProcess.map { [$0] } ?? []) + pods.flatMap(\.processes)
    }

    // MARK: The operator

    private func addOperator() throws {
        let settings = try Settings([], arguments: [], environment: [:])
        operatorProcess = MeshProcess("operator", on: simulation, chronicle: chronicle, settings: settings) {
            [unowned self] context in
            let address = "\(control.address):\(Self.controlPort)"
            operatorMember = try Operator(context, control: address, token: Self.token, chronicle)
            context.readiness.started()
        }
    }

    // MARK: Pods

    private func add(_ pod: Pod) throws {
        let bare = try Settings(SidecarProcess.flags, arguments: [], environment: [:])
        var settings = bare
        settings["config"] = "sidecar.json"
        pod.sidecarProcess = MeshProcess(
            "\(pod.instance)", on: simulation, chronicle: chronicle, settings: settings
        ) { [unowned pod] context in
            pod.sidecar = try SidecarProcess.start(context)
        }
        pod.appProcess = MeshProcess(
            "\(pod.instance)-app", on: simulation, beside: pod.sidecarProcess, chronicle: chronicle, settings: bare
        ) { [unowned self, unowned pod] context in
            try startApplication(of: pod, context)
        }
        pods.append(pod)
    }

    private func startApplication(of pod: Pod, _ context: ProcessContext) throws {
        let app = try TownApplication(
            pod.instance, of: pod.service, in: town, ledger: ledger, weather: weather,
            sidecar: "\(pod.sidecarProcess.address):\(Self.outboundPort)", context)
        context.keep(app)
        pod.app = app
        if let service = town.services.first(where: { $0.name == pod.service }) {
            try app.serve(published(service), at: "\(pod.appProcess.address):\(TownApplication.port)")
        }
        context.readiness.started()
    }

    /// The service as it serves and publishes itself.
    private func published(_ service: TownService) -> TownService {
        var service = service
        for index in service.methods.indices {
            if ledger.planted.contractsLie { service.methods[index].isIdempotent = true }
            if ledger.planted.widensBulkheads { service.methods[index].maxInFlight = nil }
        }
        return service
    }

    private func sidecarFile(_ pod: Pod) -> String {
        let address = pod.sidecarProcess.address
        let isImpostor = ledger.planted.takesOtherName && pod.isCaller
        let name = isImpostor ? town.services[0].name : pod.service
        var text = """
            {"service": "\(name)", "instance": "\(pod.instance)",
             "control": {"address": "\(control.address):\(Self.controlPort)", "trust_domain": "\(Self.trustDomain)",
               "namespace": "\(Self.namespace)", "join_token": "\(Self.token)", "roots_file": "roots.pem"},
             "outbound": {"listen": "\(address):\(Self.outboundPort)"}
            """
        if !pod.isCaller {
            text += """
                , "inbound": {"listen": "\(address):\(Self.inboundPort)",
                "app": "\(pod.appProcess.address):\(TownApplication.port)"}
                """
        }
        if !town.sidecarSettings.isEmpty { text += ", " + town.sidecarSettings }
        return text + "}"
    }

    // MARK: Starting

    /// Starts the control plane; `roots` must be there before anything else starts.
    func startControl() { control.start() }

    /// Starts everything else.
    func startPods() throws {
        let roots = try control.files.read("state/roots.pem", limit: 1 << 20)
        for pod in pods {
            try pod.sidecarProcess.files.write(roots, to: "roots.pem", mode: 0o644)
            pod.sidecarProcess.files.write(sidecarFile(pod), to: "sidecar.json")
            pod.sidecarProcess.start()
            pod.appProcess.start()
        }
        try operatorProcess?.files.write(roots, to: "roots.pem", mode: 0o644)
        operatorProcess?.start()
    }

    /// Every process runs, and every sidecar knows every replica.
    var isWhole: Bool {
        guard processes.allSatisfy(\.isReady) else { return false }
        return pods.allSatisfy { pod in
            guard let sidecar = pod.sidecar, pod.app?.isConnected == true else { return false }
            return town.services.allSatisfy { service in
                sidecar.destinations[service.name]?.balancer.endpoints.count == service.replicas
            }
        }
    }

    /// The pod of a sidecar's machine.
    func pod(on host: Host) -> Pod? { pods.first { $0.sidecarProcess.host === host } }

    /// Two pods that are down come back at each other's addresses.
    func exchange(_ one: Pod, _ other: Pod) {
        one.sidecarProcess.exchangeHosts(with: other.sidecarProcess)
        one.appProcess.exchangeHosts(with: other.appProcess)
        for pod in [one, other] { pod.sidecarProcess.files.write(sidecarFile(pod), to: "sidecar.json") }
    }

    /// What the sidecars counted as attempts after the first, by service of the caller and method.
    func retries() -> [String: Int] {
        var retries: [String: Int] = [:]
        for pod in pods {
            for service in town.services {
                for method in service.methods {
                    let labels = "direction=\"outbound\",callee=\"\(service.name)\",method=\"\(method.name)\""
                    let count = pod.sidecar?.context.metrics.total("weft_retries_total", labels: labels) ?? 0
                    retries["\(pod.service) \(method.name)", default: 0] += count
                }
            }
        }
        return retries
    }

    // MARK: Dying

    func crashApplication(of pod: Pod) {
        loseApplication(of: pod)
        pod.appProcess.crash()
    }

    func crashSidecar(of pod: Pod) {
        pod.sidecar = nil
        pod.sidecarProcess.crash()
    }

    /// What the ledger waits for dies with its process.
    func loseApplication(of pod: Pod) {
        if let app = pod.app {
            ledger.lost(handlers: app.handlers)
            ledger.lost(calls: app.calls.sorted())
        }
        pod.app = nil
    }
}
