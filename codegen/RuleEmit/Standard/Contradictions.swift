import Descriptors
import RulesAPI

/// Rules that exclude each other, so that no value keeps them all.
///
/// They compile and are kept to the letter, so a generator takes them; they are what linters should tell (`buf lint` does, by
/// its rule PROTOVALIDATE).
enum Contradictions {
    /// Each with the rule that it is found at.
    static func find(in rules: BufValidate.FieldRules) -> [(rule: String, message: String)] {
        guard let type = rules.type else { return [] }
        var found = range(of: type) + lists(of: type)
        let family = Family.step(type).name
        switch type {
        case .repeated(let own):
            found += own.items.map { below("items", find(in: $0)) } ?? []
        case .map(let own):
            found += own.keys.map { below("keys", find(in: $0)) } ?? []
            found += own.values.map { below("values", find(in: $0)) } ?? []
        default: break
        }
        return found.map { (family + "." + $0.rule, $0.message) }
    }

    private static func below(
        _ name: String, _ found: [(rule: String, message: String)]
    ) -> [(rule: String, message: String)] {
        found.map { (name + "." + $0.rule, $0.message) }
    }

    /// A least length, or count, above the greatest.
    private static func range(
        of type: BufValidate.FieldRules.TypeOneof
    ) -> [(rule: String, message: String)] {
        func check(_ least: String, _ low: UInt64?, _ most: String, _ high: UInt64?) -> [(
            rule: String, message: String
        )] {
            guard let low, let high, low > high else { return [] }
            return [(least, "`\(least)` is \(low) and `\(most)` \(high): no value keeps both")]
        }
        switch type {
        case .string(let rules):
            return check("min_len", rules.minLen, "max_len", rules.maxLen)
                + check("min_bytes", rules.minBytes, "max_bytes", rules.maxBytes)
                + check("min_len", rules.minLen, "max_bytes", rules.maxBytes)
                + check("len", rules.len, "max_len", rules.maxLen) + check("min_len", rules.minLen, "len", rules.len)
        case .bytes(let rules):
            return check("min_len", rules.minLen, "max_len", rules.maxLen)
                + check("len", rules.len, "max_len", rules.maxLen) + check("min_len", rules.minLen, "len", rules.len)
        case .repeated(let rules): return check("min_items", rules.minItems, "max_items", rules.maxItems)
        case .map(let rules): return check("min_pairs", rules.minPairs, "max_pairs", rules.maxPairs)
        default: return []
        }
    }

    /// What `in` allows and `not_in` refuses; a `const` that a list refuses.
    private static func lists(
        of type: BufValidate.FieldRules.TypeOneof
    ) -> [(rule: String, message: String)] {
        func check<Value: Equatable>(
            _ const: Value?, _ allowed: [Value], _ refused: [Value]
        ) -> [(rule: String, message: String)] {
            var found: [(rule: String, message: String)] = []
            for value in allowed where refused.contains(value) {
                found.append(("in", "\(value) is in `in` and in `not_in`"))
            }
            if let const, !allowed.isEmpty, !allowed.contains(const) {
                found.append(("const", "`const` is \(const), which `in` does not have"))
            }
            if let const, refused.contains(const) {
                found.append(("const", "`const` is \(const), which `not_in` has"))
            }
            return found
        }
        func check<Value: Equatable>(_ bounds: Bounds<Value>) -> [(rule: String, message: String)] {
            check(bounds.const, bounds.list, bounds.notList)
        }
        return switch type {
        case .float(let rules): check(Bounds(rules))
        case .double(let rules): check(Bounds(rules))
        case .int32(let rules): check(Bounds(rules))
        case .int64(let rules): check(Bounds(rules))
        case .uint32(let rules): check(Bounds(rules))
        case .uint64(let rules): check(Bounds(rules))
        case .sint32(let rules): check(Bounds(rules))
        case .sint64(let rules): check(Bounds(rules))
        case .fixed32(let rules): check(Bounds(rules))
        case .fixed64(let rules): check(Bounds(rules))
        case .sfixed32(let rules): check(Bounds(rules))
        case .sfixed64(let rules): check(Bounds(rules))
        case .string(let rules): check(rules.const, rules.in, rules.notIn)
        case .bytes(let rules): check(rules.const, rules.in, rules.notIn)
        case .enum(let rules): check(rules.const, rules.in, rules.notIn)
        case .any(let rules): check(nil, rules.in, rules.notIn)
        case .fieldMask(let rules): check(nil, rules.in, rules.notIn)
        case .bool, .repeated, .map, .duration, .timestamp: []
        }
    }
}
