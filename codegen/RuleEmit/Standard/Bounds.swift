/// The rules that all ordered types have: const, lt, lte, gt, gte, in, not_in.
struct Bounds<Value> {
    enum Bound {
        case inclusive(Value)
        case exclusive(Value)

        var value: Value {
            switch self {
            case .inclusive(let value), .exclusive(let value): value
            }
        }
    }

    var const: Value?
    var upper: Bound?
    var lower: Bound?
    var list: [Value] = []
    var notList: [Value] = []
    var numbers = Numbers()

    /// The rules' numbers, which differ for durations and timestamps.
    struct Numbers {
        var const: Int32 = 1
        var lt: Int32 = 2
        var lte: Int32 = 3
        var gt: Int32 = 4
        var gte: Int32 = 5
        var list: Int32 = 6
        var notList: Int32 = 7
    }

    /// How values of the type are written, shown and compared.
    struct Form {
        let kind: String
        let literal: (Value) -> String
        let shown: (Value) -> String
        /// Swift for "left < right", "left <= right" and "left == right".
        let less: (String, String) -> String
        let lessOrEqual: (String, String) -> String
        let equal: (String, String) -> String
        let isLess: (Value, Value) -> Bool
    }
}

extension StandardRules {
    mutating func add<Value>(_ bounds: Bounds<Value>, _ form: Bounds<Value>.Form) {
        if let const = bounds.const {
            add(
                "const", bounds.numbers.const, form.kind, "must equal \(form.shown(const))",
                if: "!(\(form.equal(value, form.literal(const))))")
        }
        addRange(bounds, form)
        if !bounds.list.isEmpty {
            add(
                "in", bounds.numbers.list, form.kind, "must be in list \(Shown.list(bounds.list.map(form.shown)))",
                if: "!Rules.isIn(\(value), \(Literal.list(bounds.list.map(form.literal))))")
        }
        if !bounds.notList.isEmpty {
            add(
                "not_in", bounds.numbers.notList, form.kind,
                "must not be in list \(Shown.list(bounds.notList.map(form.shown)))",
                if: "Rules.isIn(\(value), \(Literal.list(bounds.notList.map(form.literal))))")
        }
    }

    /// What two bounds say together stands at the lower one. An upper bound below the lower one excludes what lies between.
    private mutating func addRange<Value>(_ bounds: Bounds<Value>, _ form: Bounds<Value>.Form) {
        let upper = bounds.upper.map { bound in
            switch bound {
            case .exclusive(let limit):
                Side(
                    name: "lt", number: bounds.numbers.lt, words: "less than \(form.shown(limit))",
                    holds: form.less(value, form.literal(limit)))
            case .inclusive(let limit):
                Side(
                    name: "lte", number: bounds.numbers.lte, words: "less than or equal to \(form.shown(limit))",
                    holds: form.lessOrEqual(value, form.literal(limit)))
            }
        }
        let lower = bounds.lower.map { bound in
            switch bound {
            case .exclusive(let limit):
                Side(
                    name: "gt", number: bounds.numbers.gt, words: "greater than \(form.shown(limit))",
                    holds: form.less(form.literal(limit), value))
            case .inclusive(let limit):
                Side(
                    name: "gte", number: bounds.numbers.gte, words: "greater than or equal to \(form.shown(limit))",
                    holds: form.lessOrEqual(form.literal(limit), value))
            }
        }
        switch (lower, upper) {
        case (nil, nil): break
        case (let side?, nil), (nil, let side?):
            add(side.name, side.number, form.kind, "must be \(side.words)", if: "!(\(side.holds))")
        case (let lower?, let upper?):
            guard let top = bounds.upper?.value, let bottom = bounds.lower?.value else { return }
            let isOutside = form.isLess(top, bottom)
            let name = "\(family.name).\(lower.name)_\(upper.name)"
            // Bounds that are not numbers compare with nothing, so they say nothing.
            guard isOutside || form.isLess(bottom, top) || !form.isLess(top, bottom) && !isUnordered(top, bottom) else {
                return
            }
            add(
                lower.name, lower.number, form.kind, id: isOutside ? name + "_exclusive" : name,
                "must be \(lower.words) \(isOutside ? "or" : "and") \(upper.words)",
                if: "!(\(lower.holds) \(isOutside ? "||" : "&&") \(upper.holds))")
        }
    }

    private func isUnordered<Value>(_ left: Value, _ right: Value) -> Bool {
        func isNaN(_ value: Value) -> Bool { (value as? Double)?.isNaN ?? (value as? Float)?.isNaN ?? false }
        return isNaN(left) || isNaN(right)
    }

    private struct Side {
        let name: String
        let number: Int32
        let words: String
        let holds: String
    }
}
