/// Gives expressions their types, or says what does not fit and where.
///
/// It is strict: what has a type only at run time (`dyn`, the contents of an `Any`) is refused, because the generator lowers to
/// a language of static types. Source: cel-spec langdef, "Gradual Type Checking".
package struct Checker {
    let environment: any CELEnvironment
    /// Variables of the macros around, innermost last.
    private var scope: [(name: String, type: CELType)] = []
    private var depth = 0

    /// Macros write their bodies into each other, so the tree is bounded again here.
    private static let depthLimit = 2 * Parser.depthLimit

    package static func check(_ expression: Expression, in environment: any CELEnvironment) throws(CELError) -> Typed {
        var checker = Checker(environment: environment)
        return try checker.type(expression)
    }

    private init(environment: any CELEnvironment) {
        self.environment = environment
    }

    mutating func type(_ expression: Expression) throws(CELError) -> Typed {
        guard depth < Checker.depthLimit else {
            throw CELError("the expression is nested too deep", at: expression.offset)
        }
        depth += 1
        defer { depth -= 1 }
        let offset = expression.offset
        switch expression.node {
        case .literal(let value): return Typed(node: .literal(value), type: value.type, offset: offset)
        case .identifier(let name, let isRooted): return try variable(name, isRooted, offset)
        case .select(let target, let field): return try select(expression, target, field)
        case .index(let target, let index): return try self.index(target, index, offset)
        case .call(let name, let target, let arguments, _): return try call(name, target, arguments, offset)
        case .unary(let symbol, let operand): return try unary(symbol, operand, offset)
        case .binary(let symbol, let left, let right): return try binary(symbol, left, right, offset)
        case .conditional(let condition, let then, let otherwise):
            return try conditional(condition, then, otherwise, offset)
        case .list(let items): return try list(items, offset)
        case .map(let entries): return try map(entries, offset)
        case .message(let name, let fields): return try message(name, fields, offset)
        }
    }

    private func variable(_ name: String, _ isRooted: Bool, _ offset: Int) throws(CELError) -> Typed {
        if !isRooted, let local = scope.last(where: { $0.name == name }) {
            return Typed(node: .variable(name), type: local.type, offset: offset)
        }
        if let type = environment.type(ofVariable: name) {
            return Typed(node: .variable(name), type: type, offset: offset)
        }
        throw CELError("there is no `\(name)` here", at: offset)
    }

    /// A chain of names may be an enum's value; a variable of the first name hides it.
    private mutating func select(
        _ whole: Expression, _ target: Expression, _ field: String
    ) throws(CELError) -> Typed {
        if let name = whole.dottedName, let first = name.split(separator: ".").first, !isVariable(String(first)) {
            let bare = name.hasPrefix(".") ? String(name.dropFirst()) : name
            guard let number = environment.number(ofEnumValue: bare) else {
                throw CELError("there is no `\(bare)` here", at: target.offset)
            }
            return Typed(node: .literal(.int(number)), type: .int, offset: whole.offset)
        }
        let target = try type(target)
        switch target.type {
        case .message(let message):
            guard let type = environment.type(ofField: field, in: message) else {
                throw CELError("`\(message)` has no field `\(field)`", at: whole.offset)
            }
            return Typed(node: .field(target, field), type: type, offset: whole.offset)
        case .map(let key, let value):
            guard CELType.string.fits(key) else {
                throw CELError("a map with keys of \(key) is not selected from by name", at: whole.offset)
            }
            let name = Typed(node: .literal(.string(field)), type: .string, offset: whole.offset)
            return Typed(node: .element(target, at: name), type: value, offset: whole.offset)
        case .dynamic(let name):
            throw CELError("what a `\(name)` holds is known at run time only", at: whole.offset)
        default: throw CELError("\(target.type) has no fields", at: whole.offset)
        }
    }

    private func isVariable(_ name: String) -> Bool {
        scope.contains { $0.name == name } || environment.type(ofVariable: name) != nil
    }

    private mutating func index(
        _ target: Expression, _ index: Expression, _ offset: Int
    ) throws(CELError) -> Typed {
        let target = try type(target)
        let index = try type(index)
        switch target.type {
        case .list(let element):
            guard index.type.fits(.int) else {
                throw CELError("a list is indexed by int, not \(index.type)", at: offset)
            }
            return Typed(node: .element(target, at: index), type: element, offset: offset)
        case .map(let key, let value):
            guard index.type.fits(key) else {
                throw CELError("the map has keys of \(key), not \(index.type)", at: offset)
            }
            return Typed(node: .element(target, at: index), type: value, offset: offset)
        default: throw CELError("\(target.type) has no elements", at: offset)
        }
    }

    private mutating func conditional(
        _ condition: Expression, _ then: Expression, _ otherwise: Expression, _ offset: Int
    ) throws(CELError) -> Typed {
        let condition = try type(condition)
        guard condition.type.fits(.bool) else {
            throw CELError("the condition is \(condition.type), not bool", at: condition.offset)
        }
        let then = try type(then)
        let otherwise = try type(otherwise)
        guard let type = Checker.join(then.type, otherwise.type) else {
            throw CELError("one branch is \(then.type), the other \(otherwise.type)", at: offset)
        }
        return Typed(node: .conditional(condition, then: then, otherwise: otherwise), type: type, offset: offset)
    }

    private mutating func list(_ items: [Expression], _ offset: Int) throws(CELError) -> Typed {
        var typed: [Typed] = []
        var element = CELType.anything
        for item in items {
            let item = try type(item)
            guard let joined = Checker.join(element, item.type) else {
                throw CELError("the list has elements of \(element) and of \(item.type)", at: item.offset)
            }
            element = joined
            typed.append(item)
        }
        return Typed(node: .list(typed), type: .list(element), offset: offset)
    }

    private mutating func map(
        _ entries: [(key: Expression, value: Expression)], _ offset: Int
    ) throws(CELError) -> Typed {
        var typed: [(key: Typed, value: Typed)] = []
        var types = (key: CELType.anything, value: CELType.anything)
        for entry in entries {
            let key = try type(entry.key)
            let value = try type(entry.value)
            guard let keyType = Checker.join(types.key, key.type), let valueType = Checker.join(types.value, value.type)
            else { throw CELError("the entries of the map differ in type", at: key.offset) }
            types = (keyType, valueType)
            typed.append((key, value))
        }
        return Typed(node: .map(typed), type: .map(types.key, types.value), offset: offset)
    }

    private mutating func message(
        _ name: String, _ fields: [(field: String, value: Expression)], _ offset: Int
    ) throws(CELError) -> Typed {
        let name = name.hasPrefix(".") ? String(name.dropFirst()) : name
        guard environment.isMessage(name) else { throw CELError("there is no message `\(name)`", at: offset) }
        var typed: [(field: String, value: Typed)] = []
        for (field, value) in fields {
            let value = try type(value)
            guard let type = environment.type(ofField: field, in: name) else {
                throw CELError("`\(name)` has no field `\(field)`", at: value.offset)
            }
            guard value.type.fits(type) else {
                throw CELError("`\(field)` is \(type), not \(value.type)", at: value.offset)
            }
            typed.append((field, value))
        }
        let type: CELType =
            switch name {
            case "google.protobuf.Duration": .duration
            case "google.protobuf.Timestamp": .timestamp
            default: .message(name)
            }
        return Typed(node: .message(name, typed), type: type, offset: offset)
    }

    /// The type of what may be the one or the other.
    static func join(_ left: CELType, _ right: CELType) -> CELType? {
        switch (left, right) {
        case (.anything, let other), (let other, .anything): other
        case (.list(let one), .list(let other)): join(one, other).map { .list($0) }
        case (.map(let key, let value), .map(let otherKey, let otherValue)):
            join(key, otherKey).flatMap { key in join(value, otherValue).map { .map(key, $0) } }
        case (.null, .optional), (.optional, .null): left == .null ? right : left
        case (.optional(let inner), let other) where inner == other: left
        case (let other, .optional(let inner)) where inner == other: right
        default: left == right ? left : nil
        }
    }

    mutating func within<Result>(
        _ variables: [(name: String, type: CELType)], _ body: (inout Checker) throws(CELError) -> Result
    ) throws(CELError) -> Result {
        scope += variables
        let result = try body(&self)
        scope.removeLast(variables.count)
        return result
    }
}

extension Expression.Value {
    var type: CELType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        }
    }
}
