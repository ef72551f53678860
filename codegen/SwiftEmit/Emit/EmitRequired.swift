extension Printer {
    /// `missingField`: only in types that have a required field or reach one; all others have it from the runtime.
    mutating func required(_ model: SwiftMessage, _ words: Vocabulary, _ access: Access) {
        guard model.reachesRequired else { return }
        line("")
        block("\(access.word)func missingField() -> \(words.swift("String"))? {") { printer in
            for member in model.members {
                switch member {
                case .field(let field): printer.check(field, words)
                case .oneof(let oneof):
                    for field in oneof.fields where field.reachesRequired {
                        let missing = "\(words.wire("RequiredFields")).missing(in: value, \"\(field.contractName)\")"
                        printer.line(
                            "if case .\(field.name)(let value)? = \(oneof.name), let missing = \(missing) { return missing }"
                        )
                    }
                }
            }
            printer.line("return nil")
        }
    }

    private mutating func check(_ field: SwiftField, _ words: Vocabulary) {
        if field.isRequired { line("if \(field.reference) == nil { return \"\(field.contractName)\" }") }
        guard field.reachesRequired else { return }
        let missing = "\(words.wire("RequiredFields")).missing(in: \(field.reference), \"\(field.contractName)\")"
        line("if let missing = \(missing) { return missing }")
    }
}
