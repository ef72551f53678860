extension Parser {
    mutating func service() -> ServiceSyntax? {
        let first = index
        advance()
        guard let name = identifier("the name of the service") else { return nil }
        let opening = here
        guard let comments = takeMark("{", declares: true) else {
            report.error(.expectedToken, "expected `{` behind the name of the service, found \(found)", at: here)
            return nil
        }
        var items: [ServiceItem] = []
        body(of: "service `\(name.text)`", opening: opening) { parser in
            if parser.takeMark(";", declares: false) != nil { return true }
            if parser.isAt("option") {
                guard let option = parser.optionStatement() else { return false }
                items.append(.option(option))
                return true
            }
            guard let method = parser.method() else { return false }
            items.append(.method(method))
            return true
        }
        return ServiceSyntax(name: name, items: items, span: span(from: first), comments: comments)
    }

    private mutating func method() -> MethodSyntax? {
        let first = index
        guard take("rpc") else {
            report.error(
                .expectedDeclaration, "expected `rpc` or `option`, found \(found)", at: here,
                help: "a service holds `rpc Name(Request) returns (Reply);`")
            return nil
        }
        guard let name = identifier("the name of the rpc"), expect("(", "behind the name of the rpc"),
            let input = methodType("the type of the request"), expect(")", "behind the type of the request"),
            expect("returns", "behind the request"), expect("(", "behind `returns`"),
            let output = methodType("the type of the reply"), expect(")", "behind the type of the reply")
        else { return nil }
        var options: [OptionSyntax]?
        let opening = here
        let comments: Comments
        if let taken = takeMark("{", declares: true) {
            comments = taken
            var read: [OptionSyntax] = []
            body(of: "rpc `\(name.text)`", opening: opening) { parser in
                if parser.takeMark(";", declares: false) != nil { return true }
                guard parser.isAt("option") else {
                    parser.report.error(
                        .expectedDeclaration, "expected `option`, found \(parser.found)", at: parser.here,
                        help: "the body of an rpc holds options alone")
                    return false
                }
                guard let option = parser.optionStatement() else { return false }
                read.append(option)
                return true
            }
            options = read
        } else {
            guard let taken = endStatement("rpc `\(name.text)`") else { return nil }
            comments = taken
        }
        return MethodSyntax(
            name: name, input: input, output: output, options: options, span: span(from: first), comments: comments)
    }

    private mutating func methodType(_ what: String) -> MethodType? {
        var streamSpan: Span?
        if isAt("stream") {
            streamSpan = here
            advance()
            if isAt(")") {
                report.error(
                    .expectedToken, "expected \(what) behind `stream`, found \(found)", at: here,
                    help: "a message that is called `stream` is written with its package: `.package.stream`")
                return nil
            }
        }
        guard let name = typeName(what) else { return nil }
        return MethodType(streamSpan: streamSpan, name: name)
    }
}
