import Exchange
import MeshAPI

/// The methods that the registry tells of, as entries that stay the same while their contract does.
///
/// Bulkheads and metrics hang on entries: a snapshot that changes nothing for a method must not make a new one.
struct Contracts {
    private var known: [String: MethodEntry] = [:]
    private let overrides: [String: SidecarConfig.MethodOverride]

    init(overrides: [String: SidecarConfig.MethodOverride]) {
        self.overrides = overrides
    }

    mutating func table(of service: WeftControlV1.Service) -> MethodTable {
        MethodTable(
            of: service.name, methods: service.methods.map { entry($0, of: service.name) }, overrides: overrides)
    }

    private mutating func entry(_ method: WeftControlV1.Method, of service: String) -> MethodEntry {
        let said = MethodPolicy(method)
        let policy = overrides[method.fullName]?.applied(to: said) ?? said
        let key = "\(service) \(method.fullName)"
        if let entry = known[key], entry.policy == policy { return entry }
        let entry = MethodEntry(service: service, fullName: method.fullName, policy: policy)
        known[key] = entry
        return entry
    }
}

extension MethodPolicy {
    fileprivate init(_ method: WeftControlV1.Method) {
        self.init(
            timeout: method.timeoutMs > 0 ? .milliseconds(method.timeoutMs) : nil,
            attemptTimeout: method.attemptTimeoutMs > 0 ? .milliseconds(method.attemptTimeoutMs) : nil,
            isIdempotent: method.idempotent, maxInFlight: method.maxInFlight > 0 ? Int(method.maxInFlight) : nil,
            maxQueue: method.maxQueue > 0 ? Int(method.maxQueue) : nil, roles: method.roles)
    }
}
