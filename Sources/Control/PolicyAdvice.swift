internal import MeshAPI

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
        let near = names.map { (name: $0, distance: Self.distance(name, $0)) }.min {
            ($0.distance, $0.name) < ($1.distance, $1.name)
        }
        guard let near, near.distance <= max(2, name.utf8.count / 4) else { return "" }
        return "; did you mean '\(near.name)'?"
    }

    /// How many letters lie between two names (Levenshtein). Names are short.
    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8.prefix(256))
        let right = Array(right.utf8.prefix(256))
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for place in right.indices {
                let cost = letter == right[place] ? diagonal : diagonal + 1
                diagonal = row[place + 1]
                row[place + 1] = min(cost, row[place] + 1, row[place + 1] + 1)
            }
        }
        return row[right.count]
    }
}
