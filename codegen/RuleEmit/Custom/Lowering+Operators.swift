import CEL
import Descriptors
import SwiftEmit

extension Lowering {
    mutating func unary(_ symbol: Expression.Unary, _ operand: Typed) throws(LoweringError) -> Lowered {
        let value = try present(operand)
        switch symbol {
        case .not: return value.not
        case .minus where operand.type.present == .int:
            return Lowered(text: "Eval.negate(\(value.text))", canThrow: true)
        case .minus: return Lowered(text: "-\(value.operand)", canThrow: value.canThrow, isTight: false)
        }
    }

    mutating func binary(
        _ symbol: Expression.Binary, _ left: Typed, _ right: Typed
    ) throws(LoweringError) -> Lowered {
        switch symbol {
        case .and, .or: return try logic(symbol, left, right)
        case .equal: return try equality(left, right)
        case .notEqual: return try equality(left, right).not
        case .less, .greater, .lessOrEqual, .greaterOrEqual: return try order(symbol, left, right)
        case .isIn: return try membership(left, right)
        case .plus, .minus, .times, .divided, .modulo: return try arithmetic(symbol, left, right)
        }
    }

    /// Errors are absorbed by a side that decides alone, in whatever order the sides stand.
    private mutating func logic(
        _ symbol: Expression.Binary, _ left: Typed, _ right: Typed
    ) throws(LoweringError) -> Lowered {
        let (one, other) = (try present(left), try present(right))
        guard one.canThrow || other.canThrow else {
            return Lowered(text: "\(one.operand) \(symbol.rawValue) \(other.operand)", isTight: false)
        }
        func closure(_ side: Lowered) -> String { "{ () throws(EvalError) in \(side.statement) }" }
        let name = symbol == .and ? "and" : "or"
        return Lowered(text: "Eval.\(name)(\(closure(one)), \(closure(other)))", canThrow: true)
    }

    private mutating func equality(_ left: Typed, _ right: Typed) throws(LoweringError) -> Lowered {
        let (one, other) = (try lower(left), try lower(right))
        let canThrow = one.canThrow || other.canThrow
        if left.type == .null || right.type == .null {
            let (side, type) = left.type == .null ? (other, right.type) : (one, left.type)
            // Only wrappers are ever null: an absent message is an empty one to expressions.
            if case .optional = type {
                return Lowered(text: "\(side.operand) == nil", canThrow: canThrow, isTight: false)
            }
            return Lowered(text: left.type == right.type ? "true" : "false")
        }
        let type = left.type == .anything ? right.type : left.type
        switch (left.type, right.type) {
        case (.optional, .optional), (.optional, _), (_, .optional):
            let isText = type.present == .string
            let text = isText ? "Eval.equal(\(one.text), \(other.text))" : "\(one.operand) == \(other.operand)"
            return Lowered(text: text, canThrow: canThrow, isTight: isText)
        default: break
        }
        switch type {
        case .string, .duration, .timestamp:
            return Lowered(text: "Rules.equal(\(one.text), \(other.text))", canThrow: canThrow)
        case .list(.string):
            return Lowered(text: "\(one.operand).elementsEqual(\(other.text), by: Rules.equal)", canThrow: canThrow)
        default:
            return Lowered(
                text: "\(bare(one, left)) == \(bare(other, right))", canThrow: canThrow, isTight: false)
        }
    }

    /// A number beside another operand needs no type of its own.
    private func bare(_ lowered: Lowered, _ typed: Typed) -> String {
        switch typed.node {
        case .literal(.int(let value)): String(value)
        case .literal(.uint(let value)): String(value)
        case .literal(.double(let value)): Literal.number(value)
        default: lowered.operand
        }
    }

    private mutating func order(
        _ symbol: Expression.Binary, _ left: Typed, _ right: Typed
    ) throws(LoweringError) -> Lowered {
        let (one, other) = (try present(left), try present(right))
        let canThrow = one.canThrow || other.canThrow
        let type = left.type.present
        guard [.int, .uint, .double].contains(type), type == right.type.present else {
            let isStrict = symbol == .less || symbol == .greater
            let isSwapped = symbol == .greater || symbol == .greaterOrEqual
            let sides = isSwapped ? "\(other.text), \(one.text)" : "\(one.text), \(other.text)"
            return Lowered(text: "Eval.\(isStrict ? "less" : "lessOrEqual")(\(sides))", canThrow: canThrow)
        }
        return Lowered(
            text: "\(bare(one, left)) \(symbol.rawValue) \(bare(other, right))", canThrow: canThrow, isTight: false)
    }

    private mutating func membership(_ item: Typed, _ container: Typed) throws(LoweringError) -> Lowered {
        let (one, other) = (try present(item), try lower(container))
        let canThrow = one.canThrow || other.canThrow
        guard case .map = container.type else {
            return Lowered(text: "Rules.isIn(\(one.text), \(other.text))", canThrow: canThrow)
        }
        if let field = mapField(container), let entry = field.entry, let types = field.names.entry {
            let key = narrowed(one.text, entry.key, types.key)
            if key.isOptional {
                return Lowered(
                    text: "(\(key.text)).map({ \(other.operand)[$0] != nil }) ?? false", canThrow: canThrow,
                    isTight: false)
            }
        }
        return Lowered(text: "\(other.operand)[\(one.text)] != nil", canThrow: canThrow, isTight: false)
    }

    private mutating func arithmetic(
        _ symbol: Expression.Binary, _ left: Typed, _ right: Typed
    ) throws(LoweringError) -> Lowered {
        let (one, other) = (try present(left), try present(right))
        let type = left.type.present
        switch type {
        case .double, .string, .bytes, .list:
            return Lowered(
                text: "\(one.operand) \(symbol.rawValue) \(other.operand)", canThrow: one.canThrow || other.canThrow,
                isTight: false)
        default:
            let names: [Expression.Binary: String] = [
                .plus: "add", .minus: "subtract", .times: "multiply", .divided: "divide", .modulo: "modulo",
            ]
            return Lowered(text: "Eval.\(names[symbol] ?? "")(\(one.text), \(other.text))", canThrow: true)
        }
    }
}
