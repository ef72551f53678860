import Exchange

/// What bulkheads and rate limits are kept by. It keeps its method, so that no other can come to have the same address.
struct MethodAndCaller: Hashable {
    var method: MethodEntry
    var caller: String

    static func == (left: MethodAndCaller, right: MethodAndCaller) -> Bool {
        left.method === right.method && left.caller == right.caller
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(method))
        hasher.combine(caller)
    }
}
