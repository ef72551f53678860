/// Reads expressions by the grammar of the specification, one method a rule (cel-spec langdef, "Syntax").
package struct Parser {
    private let tokens: [Token]
    private var next = 0
    private var depth = 0

    /// The specification asks for 12 to 32 levels of nesting; more would only be a way to exhaust the stack.
    package static let depthLimit = 100

    /// Words that the specification keeps for later; none may name a variable or a function.
    private static let reserved: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    ]

    package static func parse(_ text: String) throws(CELError) -> Expression {
        var parser = Parser(tokens: try Lexer.tokens(text))
        let expression = try parser.conditional()
        guard case .end = parser.current.kind else { throw parser.unexpected("the end of the expression") }
        return expression
    }

    private init(tokens: [Token]) {
        self.tokens = tokens
    }

    private var current: Token { tokens[next] }

    private func isAt(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }

    private mutating func take(_ symbol: String) -> Bool {
        guard isAt(symbol) else { return false }
        next += 1
        return true
    }

    private mutating func expect(_ symbol: String) throws(CELError) {
        guard take(symbol) else { throw unexpected("`\(symbol)`") }
    }

    private func unexpected(_ wanted: String) -> CELError {
        let found =
            switch current.kind {
            case .identifier(let name), .quoted(let name): "`\(name)`"
            case .symbol(let symbol): "`\(symbol)`"
            case .literal, .smallestMagnitude: "a literal"
            case .end: "the end"
            }
        return CELError("expected \(wanted), found \(found)", at: current.offset)
    }

    private mutating func deeper<Result>(
        _ body: (inout Parser) throws(CELError) -> Result
    ) throws(CELError) -> Result {
        guard depth < Parser.depthLimit else {
            throw CELError("the expression is nested more than \(Parser.depthLimit) levels deep", at: current.offset)
        }
        depth += 1
        let result = try body(&self)
        depth -= 1
        return result
    }
}

// MARK: - Operators

extension Parser {
    /// Operators by how tightly they bind, loosest first; all of them group to the left.
    private static let levels: [[Expression.Binary]] = [
        [.or], [.and], [.less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .isIn], [.plus, .minus],
        [.times, .divided, .modulo],
    ]

    private mutating func conditional() throws(CELError) -> Expression {
        try deeper { (parser) throws(CELError) in
            let condition = try parser.binary(level: 0)
            guard parser.take("?") else { return condition }
            let then = try parser.binary(level: 0)
            try parser.expect(":")
            let otherwise = try parser.conditional()
            return Expression(
                node: .conditional(condition, then: then, otherwise: otherwise), offset: condition.offset)
        }
    }

    private mutating func binary(level: Int) throws(CELError) -> Expression {
        guard level < Parser.levels.count else { return try unary() }
        var left = try binary(level: level + 1)
        var length = 0
        while let symbol = Parser.levels[level].first(where: { isAt($0.rawValue) }) {
            // Each link of a chain is a level of the tree that later passes descend.
            length += 1
            guard length < Parser.depthLimit else {
                throw CELError("more than \(Parser.depthLimit) operators stand in one chain", at: current.offset)
            }
            let offset = current.offset
            next += 1
            left = Expression(node: .binary(symbol, left, try binary(level: level + 1)), offset: offset)
        }
        return left
    }

    private mutating func unary() throws(CELError) -> Expression {
        let offset = current.offset
        if take("!") {
            return try deeper { (parser) throws(CELError) in
                Expression(node: .unary(.not, try parser.unary()), offset: offset)
            }
        }
        guard isAt("-") else { return try member() }
        next += 1
        // A minus before a number belongs to it: the smallest integer has no positive counterpart.
        switch current.kind {
        case .smallestMagnitude:
            next += 1
            return try suffixes(of: Expression(node: .literal(.int(.min)), offset: offset))
        case .literal(.int(let value)):
            next += 1
            return try suffixes(of: Expression(node: .literal(.int(-value)), offset: offset))
        case .literal(.double(let value)):
            next += 1
            return try suffixes(of: Expression(node: .literal(.double(-value)), offset: offset))
        default:
            return try deeper { (parser) throws(CELError) in
                Expression(node: .unary(.minus, try parser.unary()), offset: offset)
            }
        }
    }
}

// MARK: - Members and primaries

extension Parser {
    private mutating func member() throws(CELError) -> Expression { try suffixes(of: try primary()) }

    private mutating func suffixes(of primary: Expression) throws(CELError) -> Expression {
        var expression = primary
        var length = 0
        while true {
            let offset = current.offset
            length += 1
            guard length < Parser.depthLimit else {
                throw CELError("more than \(Parser.depthLimit) selections stand in one chain", at: offset)
            }
            if take(".") {
                if case .quoted(let name) = current.kind {
                    next += 1
                    expression = Expression(node: .select(expression, name), offset: offset)
                    continue
                }
                let name = try selector()
                if take("(") {
                    let arguments = try expressions(until: ")")
                    expression = Expression(
                        node: .call(name, on: expression, arguments, isRooted: false), offset: offset)
                } else {
                    expression = Expression(node: .select(expression, name), offset: offset)
                }
            } else if take("[") {
                let index = try conditional()
                try expect("]")
                expression = Expression(node: .index(expression, index), offset: offset)
            } else if isAt("{"), let name = expression.dottedName {
                expression = try message(name, expression.offset)
            } else {
                return expression
            }
        }
    }

    private mutating func primary() throws(CELError) -> Expression {
        let token = current
        switch token.kind {
        case .literal(let value):
            next += 1
            return Expression(node: .literal(value), offset: token.offset)
        case .smallestMagnitude: throw CELError("the number does not fit an `int`", at: token.offset)
        case .identifier: return try name(isRooted: false)
        case .symbol("."):
            next += 1
            return try name(isRooted: true)
        case .symbol("("):
            next += 1
            let inner = try conditional()
            try expect(")")
            return inner
        case .symbol("["):
            next += 1
            return Expression(node: .list(try expressions(until: "]")), offset: token.offset)
        case .symbol("{"):
            next += 1
            return try map(token.offset)
        default: throw unexpected("an expression")
        }
    }

    private mutating func name(isRooted: Bool) throws(CELError) -> Expression {
        let offset = current.offset
        guard case .identifier(let name) = current.kind else { throw unexpected("a name") }
        guard !Parser.reserved.contains(name) else { throw CELError("`\(name)` is a reserved word", at: offset) }
        next += 1
        guard take("(") else {
            return Expression(node: .identifier(name, isRooted: isRooted), offset: offset)
        }
        let arguments = try expressions(until: ")")
        return Expression(node: .call(name, on: nil, arguments, isRooted: isRooted), offset: offset)
    }

    /// Behind a dot every word is a name, reserved ones too.
    private mutating func selector() throws(CELError) -> String {
        guard case .identifier(let name) = current.kind else { throw unexpected("a field or a function") }
        next += 1
        return name
    }

    private mutating func expressions(until end: String) throws(CELError) -> [Expression] {
        var list: [Expression] = []
        while !take(end) {
            list.append(try conditional())
            if !take(",") {
                try expect(end)
                return list
            }
        }
        return list
    }

    private mutating func map(_ offset: Int) throws(CELError) -> Expression {
        var entries: [(key: Expression, value: Expression)] = []
        while !take("}") {
            let key = try conditional()
            try expect(":")
            entries.append((key, try conditional()))
            if !take(",") {
                try expect("}")
                break
            }
        }
        return Expression(node: .map(entries), offset: offset)
    }

    private mutating func message(_ name: String, _ offset: Int) throws(CELError) -> Expression {
        try expect("{")
        var fields: [(field: String, value: Expression)] = []
        while !take("}") {
            let field: String
            if case .quoted(let name) = current.kind {
                next += 1
                field = name
            } else {
                field = try selector()
            }
            try expect(":")
            fields.append((field, try conditional()))
            if !take(",") {
                try expect("}")
                break
            }
        }
        return Expression(node: .message(name, fields), offset: offset)
    }
}

extension Expression {
    /// `a.b.C` if it is nothing but names.
    package var dottedName: String? {
        switch node {
        case .identifier(let name, let isRooted): isRooted ? "." + name : name
        case .select(let target, let name): target.dottedName.map { $0 + "." + name }
        default: nil
        }
    }
}
