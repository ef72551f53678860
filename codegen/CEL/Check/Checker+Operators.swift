extension Checker {
    mutating func unary(
        _ symbol: Expression.Unary, _ operand: Expression, _ offset: Int
    ) throws(CELError) -> Typed {
        let operand = try type(operand)
        let wanted: [CELType] = symbol == .not ? [.bool] : [.int, .double]
        guard wanted.contains(operand.type.present) else {
            throw CELError("`\(symbol.rawValue)` is not for \(operand.type)", at: offset)
        }
        return Typed(node: .unary(symbol, operand), type: operand.type.present, offset: offset)
    }

    mutating func binary(
        _ symbol: Expression.Binary, _ left: Expression, _ right: Expression, _ offset: Int
    ) throws(CELError) -> Typed {
        let left = try type(left)
        let right = try type(right)
        guard let result = Checker.result(symbol, left.type, right.type) else {
            throw CELError("`\(symbol.rawValue)` is not for \(left.type) and \(right.type)", at: offset)
        }
        return Typed(node: .binary(symbol, left, right), type: result, offset: offset)
    }

    private static func result(_ symbol: Expression.Binary, _ left: CELType, _ right: CELType) -> CELType? {
        let (one, other) = (left.present, right.present)
        switch symbol {
        case .or, .and: return one == .bool && other == .bool ? .bool : nil
        case .equal, .notEqual:
            if left == .null || right == .null { return left.fits(right) || right.fits(left) ? .bool : nil }
            return areComparable(left, right) ? .bool : nil
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return isOrdered(one, other) ? .bool : nil
        case .isIn:
            switch right {
            case .list(let element): return areComparable(left, element) ? .bool : nil
            case .map(let key, _): return areComparable(left, key) ? .bool : nil
            default: return nil
            }
        case .plus: return sum(one, other)
        case .minus: return difference(one, other)
        case .times, .divided: return one == other && [.int, .uint, .double].contains(one) ? one : nil
        case .modulo: return one == other && [.int, .uint].contains(one) ? one : nil
        }
    }

    private static func areComparable(_ left: CELType, _ right: CELType) -> Bool {
        if isNumber(left.present), isNumber(right.present) { return left.present == right.present }
        return left.fits(right) || right.fits(left)
    }

    private static func isNumber(_ type: CELType) -> Bool { [.int, .uint, .double].contains(type) }

    /// Numbers of different types are ordered as numbers.
    private static func isOrdered(_ left: CELType, _ right: CELType) -> Bool {
        if isNumber(left), isNumber(right) { return true }
        return left == right && [.bool, .string, .bytes, .duration, .timestamp].contains(left)
    }

    private static func sum(_ left: CELType, _ right: CELType) -> CELType? {
        switch (left, right) {
        case (.int, .int), (.uint, .uint), (.double, .double), (.string, .string), (.bytes, .bytes),
            (.duration, .duration):
            left
        case (.timestamp, .duration), (.duration, .timestamp): .timestamp
        case (.list, .list): join(left, right)
        default: nil
        }
    }

    private static func difference(_ left: CELType, _ right: CELType) -> CELType? {
        switch (left, right) {
        case (.int, .int), (.uint, .uint), (.double, .double), (.duration, .duration): left
        case (.timestamp, .timestamp): .duration
        case (.timestamp, .duration): .timestamp
        default: nil
        }
    }
}
