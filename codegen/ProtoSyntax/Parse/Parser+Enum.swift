extension Parser {
    mutating func enumeration(from first: Int, _ visibility: Visibility?) -> EnumSyntax? {
        advance()
        guard let name = identifier("the name of the enum") else { return nil }
        let opening = here
        guard let comments = takeMark("{", declares: true) else {
            report.error(.expectedToken, "expected `{` behind the name of the enum, found \(found)", at: here)
            return nil
        }
        var items: [EnumItem] = []
        body(of: "enum `\(name.text)`", opening: opening) { parser in
            parser.enumStatement(&items)
        }
        return EnumSyntax(
            name: name, items: items, visibility: visibility, span: span(from: first), comments: comments)
    }

    private mutating func enumStatement(_ items: inout [EnumItem]) -> Bool {
        if takeMark(";", declares: false) != nil { return true }
        let item: EnumItem?
        if isAt("option") {
            item = optionStatement().map { .option($0) }
        } else if isAt("reserved") {
            item = reserved(isEnum: true).map { .reserved($0) }
        } else {
            item = enumValue().map { .value($0) }
        }
        guard let item else { return false }
        items.append(item)
        return true
    }

    private mutating func enumValue() -> EnumValueSyntax? {
        let first = index
        guard let name = identifier("the name of an enum value") else { return nil }
        guard take("=") else {
            report.error(
                .expectedToken, "enum value `\(name.text)` has no number, found \(found)", at: name.span.after,
                label: "expected `= number`")
            return nil
        }
        let numberIndex = index
        let isNegative = take("-")
        guard current.kind == .integer else {
            report.error(.expectedToken, "expected the number of `\(name.text)`, found \(found)", at: here)
            return nil
        }
        let value = integer("an enum value", atMost: UInt64(Int32.max) + (isNegative ? 1 : 0))
        let number = value.map { Int32(isNegative ? -Int64($0) : Int64($0)) }
        let numberSpan = span(from: numberIndex)
        var options: CompactOptions?
        if isAt("[") {
            options = compactOptions()
            if options == nil { return nil }
        }
        guard let comments = endStatement("enum value `\(name.text)`") else { return nil }
        return EnumValueSyntax(
            name: name, number: number, numberSpan: numberSpan, options: options, span: span(from: first),
            comments: comments)
    }
}
