import Descriptors
import Exchange
import RPC
import Resilience
import Timebase

extension ServiceConfig {
    /// Reads the JSON of gRPC's service_config.proto. What is wrong is told with its path, all of it at once; names that
    /// are not known are passed over and kept in `unknown`.
    public init(json: String) throws(ServiceConfigError) {
        let tree: JSONTree
        do {
            tree = try JSONReader.read(Array(json.utf8))
        } catch {
            throw ServiceConfigError(faults: ["line \(error.line), column \(error.column): \(error.problem)"])
        }
        self.init()
        let faults = ConfigSection.Faults()
        let root = ConfigSection(tree, path: "", faults: faults)
        for section in root.sections("methodConfig") {
            methods.append(MethodConfig(section))
            unknown += section.unread.map { "\(section.path).\($0)" }
        }
        checkNames(root)
        retryThrottle = root.section("retryThrottling").flatMap(RetryThrottle.init)
        balancing = ServiceConfig.balancing(root)
        if let health = root.section("healthCheckConfig") {
            // Present and empty is a name too: that of the whole server.
            if case .string(let name)? = health.value("serviceName") { healthService = name }
        }
        unknown += root.unread
        if !faults.lines.isEmpty { throw ServiceConfigError(faults: faults.lines) }
    }

    /// A name that stands twice would leave open which of its settings hold.
    private func checkNames(_ root: ConfigSection) {
        var seen: Set<MethodConfig.Name> = []
        for (index, method) in methods.enumerated() {
            for name in method.names where !seen.insert(name).inserted {
                let text = name.service.isEmpty ? "every method" : "\(name.service)/\(name.method)"
                root.fault("methodConfig[\(index)].name", "\(text) stands in more than one place")
            }
        }
    }

    /// The first policy of the list that is known (gRFC A2): others may stand before it, for other clients.
    private static func balancing(_ root: ConfigSection) -> Balancing? {
        if root.has("loadBalancingConfig") {
            let known = root.list("loadBalancingConfig").enumerated().lazy.compactMap { index, element in
                read(element, at: "loadBalancingConfig[\(index)]", root)
            }
            if let first = known.first { return first }
            root.fault("loadBalancingConfig", "none of its policies is pick_first, round_robin or least_loaded")
            return nil
        }
        switch root.text("loadBalancingPolicy")?.lowercased() {
        case "round_robin": return .roundRobin
        case "pick_first": return .pickFirst()
        default: return nil
        }
    }

    private static func read(_ element: JSONTree, at path: String, _ root: ConfigSection) -> Balancing? {
        guard case .object(let members) = element, members.count == 1 else {
            root.fault(path, "an object with one policy should stand here")
            return nil
        }
        switch members[0].name {
        case "pick_first":
            guard case .object(let settings) = members[0].value else { return .pickFirst() }
            return .pickFirst(
                shuffles: settings.contains { $0.name == "shuffleAddressList" && $0.value == .bool(true) })
        case "round_robin": return .roundRobin
        case "least_loaded": return .leastLoaded
        default: return nil
        }
    }
}

extension MethodConfig {
    fileprivate init(_ section: ConfigSection) {
        self.init(section.sections("name").map { Name($0) })
        waitsForReady = section.flag("waitForReady")
        timeout = section.protobufDuration("timeout")
        maxRequestMessageBytes = section.bytes("maxRequestMessageBytes")
        maxReplyMessageBytes = section.bytes("maxResponseMessageBytes")
        let retry = section.section("retryPolicy").flatMap { RetryPlan($0) }
        let hedge = section.section("hedgingPolicy").flatMap { HedgePlan($0) }
        if section.has("retryPolicy"), section.has("hedgingPolicy") {
            section.fault("hedgingPolicy", "a method has a retryPolicy or a hedgingPolicy, not both")
        }
        attempts = retry.map(AttemptPolicy.retry) ?? hedge.map(AttemptPolicy.hedge)
    }
}

extension MethodConfig.Name {
    fileprivate init(_ section: ConfigSection) {
        self.init(service: section.optionalText("service"), method: section.optionalText("method"))
        if service.isEmpty, !method.isEmpty { section.fault("service", "it is missing: a method has a service") }
    }
}

extension RetryPlan {
    fileprivate init?(_ section: ConfigSection) {
        let attempts = section.attempts()
        let first = section.requiredDuration("initialBackoff")
        let longest = section.requiredDuration("maxBackoff")
        let factor = section.positiveNumber("backoffMultiplier")
        let statuses = section.statuses("retryableStatusCodes")
        if let statuses, statuses.isEmpty { section.fault("retryableStatusCodes", "it must name a status") }
        if !section.has("retryableStatusCodes") { section.fault("retryableStatusCodes", "it is missing") }
        guard let attempts, let first, let longest, let factor, let statuses else { return nil }
        self.init(
            maxAttempts: attempts, initialBackoff: first, maxBackoff: longest, backoffMultiplier: factor,
            statuses: statuses)
    }
}

extension HedgePlan {
    fileprivate init?(_ section: ConfigSection) {
        let attempts = section.attempts()
        let delay = section.has("hedgingDelay") ? section.protobufDuration("hedgingDelay") : .zero
        let statuses = section.has("nonFatalStatusCodes") ? section.statuses("nonFatalStatusCodes") : StatusSet()
        guard let attempts, let delay, let statuses else { return nil }
        self.init(maxAttempts: attempts, delay: delay, nonFatal: statuses)
    }
}

extension RetryThrottle {
    fileprivate init?(_ section: ConfigSection) {
        let tokens = section.count("maxTokens", in: 1...RetryThrottle.mostTokens)
        let ratio = section.positiveNumber("tokenRatio")
        if !section.has("maxTokens") { section.fault("maxTokens", "it is missing") }
        if let ratio, ratio < 0.001 { section.fault("tokenRatio", "less than 0.001 counts as nothing") }
        guard let tokens, let ratio else { return nil }
        self.init(maxTokens: tokens, tokenRatio: ratio)
    }
}
