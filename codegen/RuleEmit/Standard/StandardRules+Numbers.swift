import RulesAPI
import WellKnown

extension StandardRules {
    mutating func addIntegers<Value: FixedWidthInteger>(_ bounds: Bounds<Value>, kind: String) {
        add(
            bounds,
            Bounds<Value>.Form(
                kind: kind, literal: { String($0) }, shown: { String($0) }, less: { "\($0) < \($1)" },
                lessOrEqual: { "\($0) <= \($1)" }, equal: { "\($0) == \($1)" }, isLess: { $0 < $1 }))
    }

    /// NaN keeps no bound: conditions say what holds, so comparisons with it fail.
    mutating func addFloats<Value: BinaryFloatingPoint & CustomStringConvertible>(
        _ bounds: Bounds<Value>, kind: String, finite: Bool
    ) {
        add(
            bounds,
            Bounds<Value>.Form(
                kind: kind, literal: { Literal.number($0) }, shown: { Shown.number(Double($0)) },
                less: { "\($0) < \($1)" }, lessOrEqual: { "\($0) <= \($1)" }, equal: { "\($0) == \($1)" },
                isLess: { $0 < $1 }))
        if finite { add("finite", 8, "bool", "must be finite", if: "!Rules.isFinite(\(value))") }
    }

    mutating func add(_ rules: BufValidate.DurationRules) {
        var bounds = Bounds<GoogleProtobuf.Duration>(const: rules.const, list: rules.in, notList: rules.notIn)
        bounds.numbers = .init(const: 2, lt: 3, lte: 4, gt: 5, gte: 6, list: 7, notList: 8)
        switch rules.lessThan {
        case .lt(let limit)?: bounds.upper = .exclusive(limit)
        case .lte(let limit)?: bounds.upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: bounds.lower = .exclusive(limit)
        case .gte(let limit)?: bounds.lower = .inclusive(limit)
        case nil: break
        }
        add(
            bounds,
            .init(
                kind: "message", literal: Literal.duration, shown: Shown.duration, less: StandardRules.less,
                lessOrEqual: StandardRules.lessOrEqual, equal: { "Rules.equal(\($0), \($1))" },
                isLess: { ($0.seconds, $0.nanos) < ($1.seconds, $1.nanos) }))
    }

    mutating func add(_ rules: BufValidate.TimestampRules) {
        var bounds = Bounds<GoogleProtobuf.Timestamp>(const: rules.const)
        bounds.numbers = .init(const: 2, lt: 3, lte: 4, gt: 5, gte: 6)
        switch rules.lessThan {
        case .lt(let limit)?: bounds.upper = .exclusive(limit)
        case .lte(let limit)?: bounds.upper = .inclusive(limit)
        case .ltNow?, nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: bounds.lower = .exclusive(limit)
        case .gte(let limit)?: bounds.lower = .inclusive(limit)
        case .gtNow?, nil: break
        }
        let form = Bounds<GoogleProtobuf.Timestamp>.Form(
            kind: "message", literal: Literal.timestamp, shown: Shown.timestamp, less: StandardRules.less,
            lessOrEqual: StandardRules.lessOrEqual, equal: { "Rules.equal(\($0), \($1))" },
            isLess: { ($0.seconds, $0.nanos) < ($1.seconds, $1.nanos) })
        // `lt_now` stands between the upper and the lower bounds.
        let isBeforeNow = rules.lessThan == .ltNow(true)
        if isBeforeNow {
            var first = bounds
            first.lower = nil
            add(first, form)
            add("lt_now", 7, "bool", "must be less than now", if: "Rules.isLess(check.now, \(value))")
            bounds.const = nil
        }
        add(bounds, form)
        if rules.greaterThan == .gtNow(true) {
            add("gt_now", 8, "bool", "must be greater than now", if: "Rules.isLess(\(value), check.now)")
        }
        if let reach = rules.within {
            add(
                "within", 9, "message", "must be within \(Shown.duration(reach)) of now",
                if: "!Rules.isWithin(\(value), \(Literal.duration(reach)), of: check.now)")
        }
    }

    private static func less(_ left: String, _ right: String) -> String { "Rules.isLess(\(left), \(right))" }

    private static func lessOrEqual(_ left: String, _ right: String) -> String { "!Rules.isLess(\(right), \(left))" }
}
