extension Parser {
    /// `option name = value;`
    mutating func optionStatement() -> OptionSyntax? {
        let first = index
        advance()
        guard let (name, value, valueSpan) = assignment() else { return nil }
        guard let comments = endStatement("the option") else { return nil }
        return OptionSyntax(
            name: name, value: value, valueSpan: valueSpan, span: span(from: first), comments: comments)
    }

    /// `[name = value, …]`
    mutating func compactOptions() -> CompactOptions? {
        let first = index
        advance()
        var options: [OptionSyntax] = []
        repeat {
            let start = index
            guard let (name, value, valueSpan) = assignment() else { return nil }
            options.append(
                OptionSyntax(
                    name: name, value: value, valueSpan: valueSpan, span: span(from: start), comments: Comments()))
        } while take(",")
        guard expect("]", "behind the options") else { return nil }
        return CompactOptions(options: options, span: span(from: first))
    }

    private mutating func assignment() -> ([OptionNamePart], OptionValue, Span)? {
        let start = index
        var name: [OptionNamePart] = []
        repeat {
            guard let part = optionNamePart() else { return nil }
            name.append(part)
        } while take(".")
        guard name.count <= Parser.deepestAggregate + 1 else {
            report.error(
                .nestedTooDeep, "the name of the option goes more than \(Parser.deepestAggregate) messages deep",
                at: span(from: start))
            return nil
        }
        guard expect("=", "behind the name of the option") else { return nil }
        let first = index
        guard let value = optionValue(depth: name.count) else { return nil }
        return (name, value, span(from: first))
    }

    private mutating func optionNamePart() -> OptionNamePart? {
        let first = index
        if take("(") {
            guard let name = typeName("the name of a custom option"), expect(")", "behind the name of the option")
            else { return nil }
            return OptionNamePart(text: name.text, isExtension: true, span: span(from: first))
        }
        guard let name = identifier("the name of an option") else { return nil }
        return OptionNamePart(text: name.text, isExtension: false, span: name.span)
    }

    private mutating func optionValue(depth: Int) -> OptionValue? {
        if isAt("{") {
            return aggregate(depth: depth).map { .message($0) }
        }
        return scalarValue()
    }

    private mutating func scalarValue() -> OptionValue? {
        let isNegative = take("-")
        switch current.kind {
        case .identifier:
            let text = current.text
            let isPlainName = !["inf", "infinity", "nan"].contains(text.lowercased())
            if isNegative, isPlainName {
                report.error(.expectedValue, "`-` may not stand before a name", at: previousSpan)
            }
            advance()
            return .identifier(text, isNegative: isNegative && !isPlainName)
        case .integer:
            let text = current.text
            let place = here
            advance()
            guard let value = IntegerLiteral.value(of: text) else {
                // As a `double` it may still be good; whoever needs a whole number will say so.
                if text.hasPrefix("0") {
                    report.error(.integerTooLarge, "`\(text)` is too large", at: place)
                }
                return .float(text, isNegative: isNegative)
            }
            return .integer(value, isNegative: isNegative)
        case .float:
            let text = current.text
            advance()
            return .float(text, isNegative: isNegative)
        case .string where !isNegative:
            return string("a string").map { .string($0.bytes) }
        default:
            report.error(.expectedValue, "expected a value, found \(found)", at: here)
            return nil
        }
    }

    // MARK: - Text format

    /// `{ … }` or `< … >`.
    private mutating func aggregate(depth: Int) -> AggregateSyntax? {
        let first = index
        let opening = here
        let closing = isAt("<") ? ">" : "}"
        advance()
        guard depth <= Parser.deepestAggregate else {
            report.error(
                .nestedTooDeep, "the value is nested more than \(Parser.deepestAggregate) deep", at: opening)
            return nil
        }
        var fields: [AggregateField] = []
        while !take(closing) {
            if isAtEnd {
                report.error(
                    .unexpectedEnd, "the file ends within a value", at: here,
                    notes: [.init("it begins here", at: opening)], help: "close it with `\(closing)`")
                return nil
            }
            if isAt("#") {
                report.error(
                    .strayCharacter, "`#` begins no comment here", at: here,
                    help: "comments within options are those of contracts, `//` and `/* */`")
                return nil
            }
            guard let field = aggregateField(depth: depth) else { return nil }
            fields.append(field)
            _ = take(",") || take(";")
        }
        return AggregateSyntax(fields: fields, span: span(from: first))
    }

    private mutating func aggregateField(depth: Int) -> AggregateField? {
        guard let name = aggregateName() else { return nil }
        let hasColon = take(":")
        guard hasColon || isAt("{") || isAt("<") || isAt("[") else {
            report.error(.expectedToken, "expected `:` behind the name of the field, found \(found)", at: here)
            return nil
        }
        guard let value = aggregateValue(depth: depth) else { return nil }
        return AggregateField(name: name, hasColon: hasColon, value: value)
    }

    private mutating func aggregateName() -> AggregateField.Name? {
        guard take("[") else {
            return identifier("the name of a field").map { .field($0) }
        }
        guard let name = typeName("the name of an extension") else { return nil }
        if take("/") {
            guard let type = typeName("the name of a message"), expect("]", "behind the name of the message")
            else { return nil }
            return .typeURL(domain: name.text, type)
        }
        guard expect("]", "behind the name of the extension") else { return nil }
        return .extensionField(name)
    }

    private mutating func aggregateValue(depth: Int) -> AggregateValue? {
        let first = index
        if isAt("{") || isAt("<") {
            guard let message = aggregate(depth: depth + 1) else { return nil }
            return AggregateValue(value: .message(message), span: message.span)
        }
        guard take("[") else {
            guard let value = scalarValue() else { return nil }
            return AggregateValue(value: value, span: span(from: first))
        }
        var values: [AggregateValue] = []
        while !take("]") {
            if isAt("[") {
                report.error(.expectedValue, "a list may not hold a list", at: here)
                return nil
            }
            guard let value = aggregateValue(depth: depth) else { return nil }
            values.append(value)
            let comma = here
            if !take(",") {
                if isAt("]") { continue }
                report.error(.expectedToken, "expected `,` or `]` in the list, found \(found)", at: here)
                return nil
            }
            if isAt("]") {
                report.error(
                    .expectedValue, "expected a value behind the comma, found `]`", at: here,
                    help: "take the comma out",
                    fixes: [.init("take the comma out", replacing: comma, with: "")])
            }
        }
        return AggregateValue(value: .list(values), span: span(from: first))
    }
}
