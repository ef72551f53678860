internal import MeshAPI
internal import Policy

extension ServiceRules {
    /// As many as Gateway API takes of routes and of their backends.
    static let mostSplits = 16
    static let mostBackends = 16
    /// Each mirror that fits copies the call.
    static let mostMirrors = 4
    /// Far beyond what weights are for; sums of them cannot overflow.
    static let heaviestWeight = 1_000_000

    mutating func readTraffic(_ policy: WeftPolicyV1.ServicePolicy, _ reader: inout PolicyReader) {
        if !policy.splits.isEmpty {
            splits = reader.named(policy.splits, "splits", most: Self.mostSplits, name: \.name) { said, reader in
                SplitRule(said, of: policy.service, &reader)
            }
        }
        if !policy.mirrors.isEmpty {
            mirrors = reader.named(policy.mirrors, "mirrors", most: Self.mostMirrors, name: \.name) { said, reader in
                MirrorRule(said, of: policy.service, &reader)
            }
        }
    }
}

extension PolicyReader {
    /// Rules in a list, each with a name that no other one has: that is what refusals, logs and metrics call it.
    mutating func named<Said, Rule>(
        _ list: [Said], _ place: String, most: Int, name: KeyPath<Said, String>,
        _ read: (Said, inout PolicyReader) -> Rule
    ) -> [Rule] {
        if list.count > most { fault(place, "there are \(list.count), and at most \(most) are taken") }
        var names: Set<String> = []
        return list.prefix(most).enumerated().map { index, said in
            let name = said[keyPath: name]
            return within(name.isEmpty ? "\(place)[\(index)]" : "\(place)[\(name)]") { reader in
                if name.isEmpty {
                    reader.fault("name", "it is missing: what refusals, logs and metrics call the rule")
                } else if !Self.isName(name) {
                    reader.fault("name", "'\(name)' is no name: at most 63 of a-z, A-Z, 0-9, '-', '_', '.'")
                } else if !names.insert(name).inserted {
                    reader.fault("name", "'\(name)' stands here twice")
                }
                return read(said, &reader)
            }
        }
    }

    /// Names stand in reasons, headers and labels: they hold nothing that those would have to escape.
    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= 63
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// A share that must be said: 0 would be a rule for nothing.
    mutating func neededShare(_ percent: Double, _ name: String) -> Double {
        if percent == 0 {
            fault(name, "it is missing: the percentage of the calls that the rule is for")
            return 0
        }
        return share(percent, name) ?? 0
    }
}

extension Backend {
    /// The service itself may be named or left out: it is the same.
    fileprivate init(_ said: WeftPolicyV1.Backend, of service: String) {
        self.init(
            service: said.service.isEmpty || said.service == service ? nil : said.service,
            version: said.version.isEmpty ? nil : said.version)
    }
}

extension SplitRule {
    fileprivate init(_ said: WeftPolicyV1.Split, of service: String, _ reader: inout PolicyReader) {
        let match = CallMatch(said.match, &reader)
        if said.backends.isEmpty { reader.fault("backends", "there are none: say where the calls go") }
        if said.backends.count > ServiceRules.mostBackends {
            reader.fault(
                "backends", "there are \(said.backends.count), and at most \(ServiceRules.mostBackends) are taken")
        }
        var shares: [Share] = []
        for (index, backend) in said.backends.prefix(ServiceRules.mostBackends).enumerated() {
            let to = Backend(backend, of: service)
            if shares.contains(where: { $0.to == to }) {
                reader.fault("backends[\(index)]", "it stands here twice: add the weights up")
            }
            if backend.weight > ServiceRules.heaviestWeight {
                reader.fault(
                    "backends[\(index)].weight", "\(backend.weight) is not in 0...\(ServiceRules.heaviestWeight)")
            }
            shares.append(Share(to, weight: backend.weight))
        }
        if !shares.isEmpty, shares.allSatisfy({ $0.weight == 0 }) {
            reader.fault("backends", "all weights are 0: say how much each takes")
        }
        self.init(said.name, match, shares)
    }
}

extension MirrorRule {
    fileprivate init(_ said: WeftPolicyV1.Mirror, of service: String, _ reader: inout PolicyReader) {
        let to = Backend(said.to ?? WeftPolicyV1.Backend(), of: service)
        if said.to == nil {
            reader.fault("to", "it is missing: the instances that get the copies")
        } else if to == Backend() {
            reader.fault("to", "the calls go there themselves: say another service, or a version")
        }
        self.init(
            said.name, CallMatch(said.match, &reader), to: to, share: reader.neededShare(said.percent, "percent"))
    }
}
