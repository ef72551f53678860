public import MeshAPI

/// What operators say of a mesh, checked: every value in it can be gone by.
///
///     weft apply ──▶ weft-control ──reads, refuses or keeps──▶ snapshot ──▶ sidecar ──reads──▶ layers
///
/// One reader serves all of them, so that what the control plane takes no sidecar refuses, unless it is older.
public struct MeshRules: Sendable, Equatable {
    public private(set) var services: [String: ServiceRules] = [:]

    /// More services than a mesh has.
    public static let mostServices = 1000

    /// Reads a whole policy. With any fault in it, the policy is not to be used.
    public static func read(_ policy: WeftPolicyV1.MeshPolicy) -> (rules: MeshRules, faults: [PolicyFault]) {
        var reader = PolicyReader()
        var rules = MeshRules()
        if policy.services.count > mostServices {
            reader.fault("services", "there are \(policy.services.count), and at most \(mostServices) are taken")
        }
        for (index, service) in policy.services.prefix(mostServices).enumerated() {
            let name = service.service
            let isNamed = !name.isEmpty && rules.services[name] == nil
            let place = isNamed ? "services[\(name)]" : "services[\(index)]"
            let read = reader.within(place) { reader in
                if name.isEmpty { reader.fault("service", "it is missing: the mesh name of a service") }
                if rules.services[name] != nil { reader.fault("service", "'\(name)' stands here twice") }
                var read = ServiceRules()
                read.read(service, &reader)
                return read
            }
            rules.services[name] = read
        }
        return (rules, reader.faults)
    }
}

extension ServiceRules {
    /// Reads what is said of one service on top of `base`: a topic that the policy speaks of is the policy's. With any fault
    /// in it, the policy is not to be used.
    public static func read(
        _ policy: WeftPolicyV1.ServicePolicy, over base: ServiceRules = ServiceRules()
    ) -> (rules: ServiceRules, faults: [PolicyFault]) {
        var reader = PolicyReader()
        var rules = base
        reader.within("services[\(policy.service)]") { rules.read(policy, &$0) }
        return (rules, reader.faults)
    }
}
