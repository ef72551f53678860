extension Checker {
    mutating func call(
        _ name: String, _ target: Expression?, _ arguments: [Expression], _ offset: Int
    ) throws(CELError) -> Typed {
        if let target {
            if let kind = Typed.Comprehension.Kind(rawValue: name) ?? (name == "existsOne" ? .existsOne : nil),
                arguments.count >= 2
            {
                return try comprehension(kind, target, arguments, offset)
            }
            if name == "format" { return try format(target, arguments, offset) }
            return try call(name, [target] + arguments, isMethod: true, offset)
        }
        switch name {
        case "has": return try has(arguments, offset)
        case "dyn":
            guard arguments.count == 1 else { throw CELError("`dyn` takes one argument", at: offset) }
            return try type(arguments[0])
        case "getField": return try getField(arguments, offset)
        default: return try call(name, arguments, isMethod: false, offset)
        }
    }

    private mutating func call(
        _ name: String, _ arguments: [Expression], isMethod: Bool, _ offset: Int
    ) throws(CELError) -> Typed {
        guard Functions.table[name] != nil else { throw CELError("there is no function `\(name)`", at: offset) }
        var typed: [Typed] = []
        for argument in arguments { typed.append(try type(argument)) }
        let types = typed.map(\.type)
        guard let overload = Functions.find(name, types, isMethod: isMethod) else {
            let shown = types.dropFirst(isMethod ? 1 : 0).map(\.description).joined(separator: ", ")
            let target = isMethod ? "\(types.first?.description ?? "")." : ""
            throw CELError("there is no `\(target)\(name)(\(shown))`", at: offset)
        }
        if name == "unique", case .list(let element)? = types.first {
            let allowed: [CELType] = [.bool, .int, .uint, .double, .string, .bytes, .anything]
            guard allowed.contains(element) else {
                throw CELError("`unique` is not for a list of \(element)", at: offset)
            }
        }
        return Typed(node: .call(name, typed), type: overload.result, offset: offset)
    }

    /// `has(a.b)` asks whether a field is set, or a map has a key.
    private mutating func has(_ arguments: [Expression], _ offset: Int) throws(CELError) -> Typed {
        guard arguments.count == 1, case .select(let target, let field) = arguments[0].node else {
            throw CELError("`has` takes one selection, `has(this.field)`", at: offset)
        }
        let message = try type(target)
        switch message.type {
        case .message(let name):
            guard environment.type(ofField: field, in: name) != nil else {
                throw CELError("`\(name)` has no field `\(field)`", at: arguments[0].offset)
            }
            return Typed(node: .hasField(message, field), type: .bool, offset: offset)
        case .map(let key, _) where CELType.string.fits(key):
            return Typed(node: .hasKey(message, field), type: .bool, offset: offset)
        default: throw CELError("\(message.type) has no fields", at: arguments[0].offset)
        }
    }

    /// `getField(message, 'name')`: for names that are words of the language.
    private mutating func getField(_ arguments: [Expression], _ offset: Int) throws(CELError) -> Typed {
        guard arguments.count == 2, case .literal(.string(let field)) = arguments[1].node else {
            throw CELError("`getField` takes a message and the name of a field as a literal", at: offset)
        }
        let message = try type(arguments[0])
        guard case .message(let name) = message.type, let type = environment.type(ofField: field, in: name) else {
            throw CELError("\(message.type) has no field `\(field)`", at: arguments[1].offset)
        }
        return Typed(node: .field(message, field), type: type, offset: offset)
    }

    private mutating func format(
        _ target: Expression, _ arguments: [Expression], _ offset: Int
    ) throws(CELError) -> Typed {
        let text = try type(target)
        guard text.type.fits(.string) else { throw CELError("\(text.type) has no `format`", at: offset) }
        guard arguments.count == 1, case .list(let items) = arguments[0].node else {
            throw CELError("`format` takes a list as a literal", at: offset)
        }
        var typed = [text]
        // Its arguments may differ in type, which no other list here may.
        for item in items { typed.append(try type(item)) }
        return Typed(node: .call("format", typed), type: .string, offset: offset)
    }

    private mutating func comprehension(
        _ kind: Typed.Comprehension.Kind, _ source: Expression, _ arguments: [Expression], _ offset: Int
    ) throws(CELError) -> Typed {
        let source = try type(source)
        let types: (first: CELType, second: CELType)
        switch source.type {
        case .list(let element): types = (.int, element)
        case .map(let key, let value): types = (key, value)
        default: throw CELError("`\(kind.rawValue)` is for lists and maps, not \(source.type)", at: offset)
        }
        var names: [String] = []
        var rest = arguments[...]
        // A `map` of three arguments has one variable and a condition, all others of three have two variables.
        let wanted = arguments.count == 3 && kind != .map ? 2 : 1
        for _ in 0..<wanted {
            guard let argument = rest.popFirst(), case .identifier(let name, isRooted: false) = argument.node else {
                throw CELError("`\(kind.rawValue)` names its variable first", at: offset)
            }
            names.append(name)
        }
        guard rest.count == 1 || kind == .map && rest.count == 2, let last = rest.last, let first = rest.first else {
            throw CELError("`\(kind.rawValue)` has a wrong number of arguments", at: offset)
        }
        let isList = if case .list = source.type { true } else { false }
        let single = isList ? types.second : types.first
        let variables =
            names.count == 2 ? [(names[0], types.first), (names[1], types.second)] : [(names[0], single)]
        let hasFilter = rest.count == 2
        let (filter, body) = try within(variables) { (checker) throws(CELError) in
            (hasFilter ? try checker.condition(first, kind) : nil, try checker.type(last))
        }
        if kind != .map { try require(body, kind) }
        let type: CELType =
            switch kind {
            case .all, .exists, .existsOne: .bool
            case .filter: .list(single)
            case .map: .list(body.type)
            }
        let node = Typed.Comprehension(kind: kind, source: source, variables: names, filter: filter, body: body)
        return Typed(node: .comprehension(node), type: type, offset: offset)
    }

    private mutating func condition(
        _ expression: Expression, _ kind: Typed.Comprehension.Kind
    ) throws(CELError) -> Typed {
        let typed = try type(expression)
        try require(typed, kind)
        return typed
    }

    private func require(_ condition: Typed, _ kind: Typed.Comprehension.Kind) throws(CELError) {
        guard condition.type.fits(.bool) else {
            throw CELError("the condition of `\(kind.rawValue)` is \(condition.type), not bool", at: condition.offset)
        }
    }
}
