import MeshAPI
import MeshPolicy

/// The rules of every service: the defaults, on top of them what the sidecar's own file says, and on top of that what the
/// control plane says.
///
/// What the control plane says is taken as a whole or not at all: one fault anywhere, and the rules stay what they were.
struct RuleBook {
    /// What holds where nobody says more.
    let base: ServiceRules
    /// By service, what the file says; it was read without a fault when the sidecar started.
    private let file: [String: ServiceRules]
    /// By service, what the last snapshot without a fault says on top.
    private var services: [String: ServiceRules] = [:]

    init(base: ServiceRules = ServiceRules(), file: [String: ServiceRules] = [:]) {
        self.base = base
        self.file = file
    }

    /// What holds for the calls to a service.
    func rules(of service: String) -> ServiceRules { services[service] ?? fixed(service) }

    private func fixed(_ service: String) -> ServiceRules { file[service] ?? base }

    /// Takes all policies of a snapshot, or none: the answer is why.
    mutating func take(_ snapshot: WeftControlV1.Snapshot) -> [PolicyFault] {
        var next: [String: ServiceRules] = [:]
        var faults: [PolicyFault] = []
        for service in snapshot.services {
            guard var policy = service.policy else { continue }
            policy.service = service.name
            let (rules, found) = ServiceRules.read(policy, over: fixed(service.name))
            faults += found
            next[service.name] = rules
        }
        if faults.isEmpty { services = next }
        return faults
    }
}
