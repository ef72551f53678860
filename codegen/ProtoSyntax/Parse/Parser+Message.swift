extension Parser {
    mutating func message(from first: Int, _ visibility: Visibility?) -> MessageSyntax? {
        advance()
        guard let name = identifier("the name of the message") else { return nil }
        return messageBody(name, from: first, visibility)
    }

    /// `{ … }` of a message or a group.
    private mutating func messageBody(_ name: Identifier, from first: Int, _ visibility: Visibility?) -> MessageSyntax?
    {
        let opening = here
        guard let comments = takeMark("{", declares: true) else {
            report.error(.expectedToken, "expected `{` behind the name of the message, found \(found)", at: here)
            return nil
        }
        messageDepth += 1
        defer { messageDepth -= 1 }
        guard messageDepth <= Parser.deepestMessage else {
            report.error(
                .nestedTooDeep, "messages are nested more than \(Parser.deepestMessage) deep", at: name.span,
                help: "declare it at the level of the file")
            skipToClosingBrace()
            _ = takeMark("}", declares: false)
            isDamaged = true
            return MessageSyntax(
                name: name, items: [], visibility: visibility, span: span(from: first), comments: comments)
        }
        var items: [MessageItem] = []
        body(of: "message `\(name.text)`", opening: opening) { parser in
            parser.messageStatement(&items)
        }
        return MessageSyntax(
            name: name, items: items, visibility: visibility, span: span(from: first), comments: comments)
    }

    /// To the brace that closes the body in which the parser is.
    private mutating func skipToClosingBrace() {
        var depth = 1
        while !isAtEnd {
            if isAt("{") { depth += 1 }
            if isAt("}") {
                depth -= 1
                if depth == 0 { return }
            }
            advance()
        }
    }

    private mutating func messageStatement(_ items: inout [MessageItem]) -> Bool {
        if takeMark(";", declares: false) != nil { return true }
        let item: MessageItem?
        switch current.kind == .identifier ? current.text : "" {
        case "message", "enum":
            item = typeDeclaration().map { $0.messageItem }
        case "export" where dialect >= .edition2024, "local" where dialect >= .edition2024:
            item = typeDeclaration().map { $0.messageItem }
        case "extend":
            item = extend().map { .extend($0) }
        case "extensions":
            item = extensions().map { .extensions($0) }
        case "reserved":
            item = reserved(isEnum: false).map { .reserved($0) }
        case "option":
            item = optionStatement().map { .option($0) }
        case "oneof":
            item = oneof().map { .oneof($0) }
        default:
            item = field(.message).map { .field($0) }
        }
        guard let item else { return false }
        items.append(item)
        return true
    }

    private mutating func oneof() -> OneofSyntax? {
        let first = index
        advance()
        guard let name = identifier("the name of the oneof") else { return nil }
        let opening = here
        guard let comments = takeMark("{", declares: true) else {
            report.error(.expectedToken, "expected `{` behind the name of the oneof, found \(found)", at: here)
            return nil
        }
        var items: [OneofItem] = []
        body(of: "oneof `\(name.text)`", opening: opening) { parser in
            if parser.isAt(";") {
                parser.report.error(.emptyBody, "an empty statement may not stand in a oneof", at: parser.here)
                return parser.takeMark(";", declares: false) != nil
            }
            if parser.isAt("option") {
                guard let option = parser.optionStatement() else { return false }
                items.append(.option(option))
                return true
            }
            guard let field = parser.field(.oneof) else { return false }
            items.append(.field(field))
            return true
        }
        let place = span(from: first)
        return OneofSyntax(name: name, items: items, span: place, comments: comments)
    }

    mutating func extend() -> ExtendSyntax? {
        let first = index
        advance()
        guard let extendee = typeName("the message that is extended") else { return nil }
        let opening = here
        guard let comments = takeMark("{", declares: true) else {
            report.error(.expectedToken, "expected `{` behind the extended message, found \(found)", at: here)
            return nil
        }
        var fields: [FieldSyntax] = []
        body(of: "extend `\(extendee.text)`", opening: opening) { parser in
            if parser.isAt(";") {
                parser.report.error(.emptyBody, "an empty statement may not stand in an extend", at: parser.here)
                return parser.takeMark(";", declares: false) != nil
            }
            guard let field = parser.field(.extend) else { return false }
            fields.append(field)
            return true
        }
        if fields.isEmpty, !isDamaged {
            report.error(
                .emptyBody, "extend `\(extendee.text)` declares no field", at: extendee.span,
                help: "declare a field in it or take it out")
        }
        return ExtendSyntax(extendee: extendee, fields: fields, span: span(from: first), comments: comments)
    }

    /// Where a field stands: what labels and types it may have depends on it.
    enum FieldPlace {
        case message
        case oneof
        case extend
    }

    mutating func field(_ place: FieldPlace) -> FieldSyntax? {
        let first = index
        let label = fieldLabel(place)
        guard current.kind == .identifier || isAt(".") else {
            report.error(
                .expectedDeclaration,
                "expected \(place == .message ? "a field or another declaration" : "a field"), "
                    + "found \(found)", at: here)
            return nil
        }
        guard let type = fieldType() else { return nil }
        checkLabel(label, of: type, in: place)
        let nameIndex = index
        guard let name = identifier("a field name") else { return nil }
        let (number, numberSpan) = fieldNumber(of: name)
        guard let numberSpan else { return nil }
        var options: CompactOptions?
        if isAt("[") {
            options = compactOptions()
            if options == nil { return nil }
        }
        if case .group = type {
            return group(
                label, type, name, number, numberSpan, options, from: first, nameIndex: nameIndex)
        }
        guard let comments = endStatement("field `\(name.text)`") else { return nil }
        return FieldSyntax(
            label: label, type: type, name: name, number: number, numberSpan: numberSpan, options: options, group: nil,
            span: span(from: first), comments: comments)
    }

    private mutating func group(
        _ label: FieldLabel?, _ type: FieldType, _ name: Identifier, _ number: Int32?, _ numberSpan: Span,
        _ options: CompactOptions?, from first: Int, nameIndex: Int
    ) -> FieldSyntax? {
        if dialect != .proto2 {
            report.error(
                .misplacedGroup, "groups are of proto2 alone", at: type.span,
                help: "declare a message, and a field of its type")
        }
        if !(name.text.utf8.first.map { $0 >= 65 && $0 <= 90 } ?? false) {
            report.error(.misplacedGroup, "the name of a group must begin with a capital letter", at: name.span)
        }
        guard let body = messageBody(name, from: first, nil) else { return nil }
        let field = Identifier(text: name.text.lowercased(), span: name.span)
        return FieldSyntax(
            label: label, type: type, name: field, number: number, numberSpan: numberSpan, options: options,
            group: body, span: span(from: first), comments: Comments())
    }

    private mutating func fieldLabel(_ place: FieldPlace) -> FieldLabel? {
        guard current.kind == .identifier, let word = FieldLabel.Word(current.text) else { return nil }
        defer { advance() }
        let label = FieldLabel(word: word, span: here)
        if place == .oneof {
            report.error(
                .misplacedLabel, "a field of a oneof may not be `\(word.text)`", at: here,
                help: word == .repeated ? "put the repeated field into a message" : "leave the label out",
                fixes: word == .repeated ? [] : [withoutWord])
            return nil
        }
        switch (word, dialect) {
        case (.required, .proto3):
            report.error(
                .misplacedLabel, "`required` is not in proto3", at: here, help: "leave it out, and check it in code",
                fixes: [withoutWord])
        case (.required, _) where dialect.hasFeatures:
            report.error(
                .misplacedLabel, "`required` is not in editions", at: here,
                help: "write `[features.field_presence = LEGACY_REQUIRED]` behind the number")
        case (.optional, _) where dialect.hasFeatures:
            report.error(
                .misplacedLabel, "`optional` is not in editions: fields know whether they are set", at: here,
                help: "leave it out", fixes: [withoutWord])
        default:
            break
        }
        return label
    }

    /// Takes the current word out, and the blanks behind it.
    private var withoutWord: Diagnostic.FixIt {
        .init("leave it out", replacing: Span(from: here, to: gapBehind), with: "")
    }

    private mutating func checkLabel(_ label: FieldLabel?, of type: FieldType, in place: FieldPlace) {
        if case .map = type {
            if let label {
                report.error(
                    .misplacedLabel, "a map may not be `\(label.word.text)`", at: label.span, help: "leave it out")
            }
            if place == .oneof {
                report.error(
                    .misplacedLabel, "a oneof may not hold a map", at: type.span, help: "put the map into a message")
            }
            if place == .extend {
                report.error(.misplacedLabel, "an extension may not be a map", at: type.span)
            }
        } else if label == nil, dialect == .proto2, place != .oneof {
            report.error(
                .missingLabel, "a field of proto2 needs a label", at: type.span,
                help: "write `optional`, `repeated` or `required` before the type",
                fixes: [
                    .init(
                        "write `optional`",
                        replacing: Span(source: id, start: type.span.start, end: type.span.start), with: "optional ")
                ])
        }
    }

    private mutating func fieldType() -> FieldType? {
        if isAt("map"), peek(1).text == "<" { return mapType() }
        if isAt("group"), peek(1).kind == .identifier, peek(2).text == "=", peek(3).kind == .integer,
            ["{", "["].contains(peek(4).text)
        {
            defer { advance() }
            return .group(here)
        }
        return plainType("a type")
    }

    private mutating func plainType(_ what: String) -> FieldType? {
        if dialect == .unstable, current.kind == .identifier, peek(1).text != "." {
            if let scalar = ScalarType.unstable[current.text] {
                defer { advance() }
                return .scalar(scalar, here)
            }
            if let obsolete = ScalarType.named[current.text],
                let meant = ScalarType.unstable.first(where: { $0.value == obsolete })?.key
            {
                report.error(
                    .notInEdition, "`\(current.text)` is not a type of this edition", at: here,
                    help: "write `\(meant)`", fixes: [.init("write `\(meant)`", replacing: here, with: meant)])
            }
        }
        if let scalar = ScalarType.named[current.text], current.kind == .identifier {
            defer { advance() }
            return .scalar(scalar, here)
        }
        return typeName(what).map { .named($0) }
    }

    private mutating func mapType() -> FieldType? {
        let first = index
        advance()
        advance()
        guard let key = plainType("the type of the keys"), expect(",", "between the types of keys and values"),
            let value = plainType("the type of the values"), expect(">", "behind the types of the map")
        else { return nil }
        return .map(key: key, value: value, span(from: first))
    }

    /// `= 5`. The span is `nil` if the statement makes no sense without a number.
    private mutating func fieldNumber(of name: Identifier) -> (Int32?, Span?) {
        guard take("=") else {
            report.error(
                .expectedToken, "field `\(name.text)` has no number, found \(found)", at: name.span.after,
                label: "expected `= number`", help: "every field needs a number that is its own for ever")
            return (nil, isAt(";") || isAt("[") ? name.span : nil)
        }
        let place = here
        let isNegative = isAt("-") && peek(1).kind == .integer
        if isNegative { advance() }
        guard current.kind == .integer else {
            report.error(.expectedToken, "expected the number of field `\(name.text)`, found \(found)", at: here)
            return (nil, nil)
        }
        let value = integer("a field number", atMost: UInt64(Int32.max))
        guard let value else { return (nil, place) }
        return (isNegative ? -Int32(value) : Int32(value), isNegative ? Span(from: place, to: previousSpan) : place)
    }
}
