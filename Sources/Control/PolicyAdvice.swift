internal import MeshAPI
internal import MeshPolicy

/// Tells what of a policy can be right but looks like a slip: names that nothing in the mesh has yet.
///
/// These are no faults: policies may come before the services that they are for.
struct PolicyAdvice {
    private let services: Set<String>
    /// The methods of each service whose contract is known.
    private let methods: [String: Set<String>]

    /// More of them help nobody.
    static let mostWarnings = 50

    init(_ known: (services: Set<String>, methods: [String: Set<String>])) {
        services = known.services
        methods = known.methods
    }

    func warnings(of policy: WeftPolicyV1.MeshPolicy) -> [String] {
        var warnings: [String] = []
        for service in policy.services {
            let place = "services[\(service.service)]"
            if !services.contains(service.service) {
                warnings.append("\(place): no service of the mesh has this name\(hint(service.service, services))")
            }
            guard let known = methods[service.service], !known.isEmpty else { continue }
            for method in service.methods where !known.contains(method.method) {
                warnings.append(
                    "\(place).methods[\(method.method)]: its contract has no such method\(hint(method.method, known))")
            }
        }
        return Array(warnings.prefix(Self.mostWarnings))
    }

    private func hint(_ name: String, _ names: Set<String>) -> String {
        NearestName.to(name, among: names).map { "; did you mean '\($0)'?" } ?? ""
    }
}
