import Exchange
import MeshAPI
import MeshPolicy

/// The methods that the registry tells of, as entries that stay the same while their contract does.
///
/// Bulkheads and metrics hang on entries: a snapshot that changes nothing for a method must not make a new one.
struct Contracts {
    private struct Known {
        var methods: [WeftControlV1.Method]
        var rules: [String: MethodRules]
        var table: MethodTable
        var entries: [String: MethodEntry]
    }

    private var known: [String: Known] = [:]

    /// The methods of a service, as its contract and the rules have them.
    mutating func table(of service: WeftControlV1.Service, _ rules: [String: MethodRules]) -> MethodTable {
        let old = known[service.name]
        if let old, old.methods == service.methods, old.rules == rules { return old.table }
        var entries: [String: MethodEntry] = [:]
        let methods = service.methods.map { method in
            let said = MethodPolicy(method)
            let policy = rules[method.fullName]?.applied(to: said) ?? said
            let entry: MethodEntry
            if let before = old?.entries[method.fullName], before.policy == policy {
                entry = before
            } else {
                entry = MethodEntry(service: service.name, fullName: method.fullName, policy: policy)
            }
            entries[method.fullName] = entry
            return entry
        }
        let table = MethodTable(of: service.name, methods: methods, overrides: rules)
        known[service.name] = Known(methods: service.methods, rules: rules, table: table, entries: entries)
        return table
    }

    /// Forgets what a service had that is gone.
    mutating func forget(_ service: String) {
        known[service] = nil
    }
}

extension MethodPolicy {
    fileprivate init(_ method: WeftControlV1.Method) {
        self.init(
            timeout: method.timeoutMs > 0 ? .milliseconds(method.timeoutMs) : nil,
            attemptTimeout: method.attemptTimeoutMs > 0 ? .milliseconds(method.attemptTimeoutMs) : nil,
            isIdempotent: method.idempotent, maxInFlight: method.maxInFlight > 0 ? Int(method.maxInFlight) : nil,
            maxQueue: method.maxQueue > 0 ? Int(method.maxQueue) : nil, roles: method.roles)
        hasNoSideEffects = method.withoutSideEffects
        answersOnce = method.answersOnce ?? false
        streamsAnswers = method.answersOnce == false
    }
}
