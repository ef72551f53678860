import RulesAPI

// Twelve messages of one shape, which protobuf gives no common type.

extension Bounds where Value == Float {
    init(_ rules: BufValidate.FloatRules) {
        const = rules.const
        switch rules.lessThan {
        case .lt(let limit)?: upper = .exclusive(limit)
        case .lte(let limit)?: upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: lower = .exclusive(limit)
        case .gte(let limit)?: lower = .inclusive(limit)
        case nil: break
        }
        list = rules.in
        notList = rules.notIn
    }
}

extension Bounds where Value == Double {
    init(_ rules: BufValidate.DoubleRules) {
        const = rules.const
        switch rules.lessThan {
        case .lt(let limit)?: upper = .exclusive(limit)
        case .lte(let limit)?: upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: lower = .exclusive(limit)
        case .gte(let limit)?: lower = .inclusive(limit)
        case nil: break
        }
        list = rules.in
        notList = rules.notIn
    }
}

extension Bounds where Value == Int32 {
    init(_ rules: BufValidate.Int32Rules) {
        const = rules.const
        switch rules.lessThan {
        case .lt(let limit)?: upper = .exclusive(limit)
        case .lte(let limit)?: upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: lower = .exclusive(limit)
        case .gte(let limit)?: lower = .inclusive(limit)
        case nil: break
        }
        list = rules.in
        notList = rules.notIn
    }
}

extension Bounds where Value == Int64 {
    init(_ rules: BufValidate.Int64Rules) {
        const = rules.const
        switch rules.lessThan {
        case .lt(let limit)?: upper = .exclusive(limit)
        case .lte(let limit)?: upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: lower = .exclusive(limit)
        case .gte(let limit)?: lower = .inclusive(limit)
        case nil: break
        }
        list = rules.in
        notList = rules.notIn
    }
}

extension Bounds where Value == UInt32 {
    init(_ rules: BufValidate.UInt32Rules) {
        const = rules.const
        switch rules.lessThan {
        case .lt(let limit)?: upper = .exclusive(limit)
        case .lte(let limit)?: upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: lower = .exclusive(limit)
        case .gte(let limit)?: lower = .inclusive(limit)
        case nil: break
        }
        list = rules.in
        notList = rules.notIn
    }
}

extension Bounds where Value == UInt64 {
    init(_ rules: BufValidate.UInt64Rules) {
        const = rules.const
        switch rules.lessThan {
        case .lt(let limit)?: upper = .exclusive(limit)
        case .lte(let limit)?: upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: lower = .exclusive(limit)
        case .gte(let limit)?: lower = .inclusive(limit)
        case nil: break
        }
        list = rules.in
        notList = rules.notIn
    }
}

extension Bounds where Value == Int32 {
    init(_ rules: BufValidate.SInt32Rules) {
        const = rules.const
        switch rules.lessThan {
        case .lt(let limit)?: upper = .exclusive(limit)
        case .lte(let limit)?: upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: lower = .exclusive(limit)
        case .gte(let limit)?: lower = .inclusive(limit)
        case nil: break
        }
        list = rules.in
        notList = rules.notIn
    }
}

extension Bounds where Value == Int64 {
    init(_ rules: BufValidate.SInt64Rules) {
        const = rules.const
        switch rules.lessThan {
        case .lt(let limit)?: upper = .exclusive(limit)
        case .lte(let limit)?: upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: lower = .exclusive(limit)
        case .gte(let limit)?: lower = .inclusive(limit)
        case nil: break
        }
        list = rules.in
        notList = rules.notIn
    }
}

extension Bounds where Value == UInt32 {
    init(_ rules: BufValidate.Fixed32Rules) {
        const = rules.const
        switch rules.lessThan {
        case .lt(let limit)?: upper = .exclusive(limit)
        case .lte(let limit)?: upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: lower = .exclusive(limit)
        case .gte(let limit)?: lower = .inclusive(limit)
        case nil: break
        }
        list = rules.in
        notList = rules.notIn
    }
}

extension Bounds where Value == UInt64 {
    init(_ rules: BufValidate.Fixed64Rules) {
        const = rules.const
        switch rules.lessThan {
        case .lt(let limit)?: upper = .exclusive(limit)
        case .lte(let limit)?: upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: lower = .exclusive(limit)
        case .gte(let limit)?: lower = .inclusive(limit)
        case nil: break
        }
        list = rules.in
        notList = rules.notIn
    }
}

extension Bounds where Value == Int32 {
    init(_ rules: BufValidate.SFixed32Rules) {
        const = rules.const
        switch rules.lessThan {
        case .lt(let limit)?: upper = .exclusive(limit)
        case .lte(let limit)?: upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: lower = .exclusive(limit)
        case .gte(let limit)?: lower = .inclusive(limit)
        case nil: break
        }
        list = rules.in
        notList = rules.notIn
    }
}

extension Bounds where Value == Int64 {
    init(_ rules: BufValidate.SFixed64Rules) {
        const = rules.const
        switch rules.lessThan {
        case .lt(let limit)?: upper = .exclusive(limit)
        case .lte(let limit)?: upper = .inclusive(limit)
        case nil: break
        }
        switch rules.greaterThan {
        case .gt(let limit)?: lower = .exclusive(limit)
        case .gte(let limit)?: lower = .inclusive(limit)
        case nil: break
        }
        list = rules.in
        notList = rules.notIn
    }
}
