internal import MeshAPI
internal import Policy

extension ServiceRules {
    /// Looked through once for each caller and method, and no further.
    static let mostAuthorizationRules = 256

    mutating func readAuthorization(_ policy: WeftPolicyV1.ServicePolicy, _ reader: inout PolicyReader) {
        guard let said = policy.authorization else { return }
        authorization = reader.within("authorization") { reader in
            let mode: AuthorizationRules.Mode =
                switch said.mode {
                case .audit: .audit
                case .enforce, .unspecified: .enforce
                default: reader.unknown("mode", .enforce)
                }
            let rules = reader.named(said.rules, "rules", most: Self.mostAuthorizationRules, name: \.name) {
                said, reader in AuthorizationRules.Rule(said, &reader)
            }
            return rules.isEmpty ? nil : AuthorizationRules(mode, rules)
        }
    }
}

extension AuthorizationRules.Rule {
    fileprivate init(_ said: WeftPolicyV1.AuthorizationRule, _ reader: inout PolicyReader) {
        let action: AuthorizationRules.Action
        switch said.action {
        case .allow: action = .allow
        case .deny: action = .deny
        case .audit: action = .audit
        case .unspecified:
            reader.fault("action", "it is missing: ACTION_ALLOW, ACTION_DENY or ACTION_AUDIT")
            action = .deny
        default: action = reader.unknown("action", .deny)
        }
        self.init(said.name, action, CallMatch(said.match, &reader))
    }
}

extension PolicyReader {
    /// A value of an enum that this process is too old for.
    fileprivate mutating func unknown<Value>(_ name: String, _ instead: Value) -> Value {
        fault(name, "this version of Weft does not know the value")
        return instead
    }
}
