extension Parser {
    mutating func extensions() -> ExtensionsSyntax? {
        let first = index
        advance()
        guard let ranges = ranges("a field number", isEnum: false) else { return nil }
        var options: CompactOptions?
        if isAt("[") {
            options = compactOptions()
            if options == nil { return nil }
        }
        guard let comments = endStatement("the extension ranges") else { return nil }
        return ExtensionsSyntax(ranges: ranges, options: options, span: span(from: first), comments: comments)
    }

    mutating func reserved(isEnum: Bool) -> ReservedSyntax? {
        let first = index
        advance()
        var ranges: [RangeSyntax] = []
        var names: [Identifier] = []
        if current.kind == .string || current.kind == .identifier {
            guard let read = reservedNames() else { return nil }
            names = read
        } else {
            guard let read = self.ranges(isEnum ? "a number" : "a field number or a name", isEnum: isEnum)
            else { return nil }
            ranges = read
        }
        guard let comments = endStatement("`reserved`") else { return nil }
        return ReservedSyntax(ranges: ranges, names: names, span: span(from: first), comments: comments)
    }

    private mutating func reservedNames() -> [Identifier]? {
        var names: [Identifier] = []
        repeat {
            if current.kind == .string {
                if dialect.hasFeatures {
                    report.error(
                        .reservedForm, "reserved names are not in quotes in editions", at: here,
                        help: "leave the quotes out",
                        fixes: [
                            .init(
                                "leave the quotes out", replacing: here,
                                with: String(source.text(current.start, current.end).dropFirst().dropLast()))
                        ])
                }
                guard let (bytes, place) = string("a name in quotes") else { return nil }
                names.append(Identifier(text: String(decoding: bytes, as: UTF8.self), span: place))
            } else if current.kind == .identifier {
                if !dialect.hasFeatures {
                    report.error(
                        .reservedForm, "reserved names are in quotes outside editions", at: here,
                        help: "write `\"\(current.text)\"`",
                        fixes: [.init("put it in quotes", replacing: here, with: "\"\(current.text)\"")])
                }
                names.append(Identifier(text: current.text, span: here))
                advance()
            } else {
                report.error(
                    .reservedForm, "expected a name, found \(found)", at: here,
                    help: "numbers and names are reserved by statements of their own")
                return nil
            }
        } while take(",")
        return names
    }

    private mutating func ranges(_ what: String, isEnum: Bool) -> [RangeSyntax]? {
        var ranges: [RangeSyntax] = []
        repeat {
            let first = index
            if current.kind == .string, !ranges.isEmpty {
                report.error(
                    .reservedForm, "expected a number, found a string", at: here,
                    help: "numbers and names are reserved by statements of their own")
                return nil
            }
            guard let (start, startSpan) = bound(what, isEnum: isEnum) else { return nil }
            var (last, lastSpan): (Int32?, Span) = (start, startSpan)
            if take("to") {
                if isAt("max") {
                    (last, lastSpan) = (nil, here)
                    advance()
                } else {
                    guard let (end, endSpan) = bound("the end of the range", isEnum: isEnum) else { return nil }
                    (last, lastSpan) = (end, endSpan)
                }
            }
            ranges.append(
                RangeSyntax(first: start, firstSpan: startSpan, last: last, lastSpan: lastSpan, span: span(from: first))
            )
        } while take(",")
        return ranges
    }

    private mutating func bound(_ what: String, isEnum: Bool) -> (Int32, Span)? {
        let first = index
        let isNegative = isEnum && take("-")
        let limit = UInt64(Int32.max) + (isNegative ? 1 : 0)
        guard let value = integer(what, atMost: limit) else { return nil }
        return (Int32(isNegative ? -Int64(value) : Int64(value)), span(from: first))
    }
}
