extension Printer {
    /// `merge`: a switch over the tags as they stand in the bytes.
    mutating func merge(_ model: SwiftMessage, _ words: Vocabulary, _ access: Access) {
        let reader = words.wire("WireReader")
        let error = words.wire("DecodeError")
        block("\(access.word)mutating func merge(from reader: inout \(reader)) throws(\(error)) {") { printer in
            printer.block("while let tag = try reader.nextTag() {") { printer in
                // A switch that has only a default would be a warning.
                guard !model.members.isEmpty || !model.textExtensions.isEmpty else {
                    return printer.line("try reader.unknown(tag, &unknownFields)")
                }
                printer.line("switch tag {")
                for member in model.members {
                    switch member {
                    case .field(let field): printer.read(field)
                    case .oneof(let oneof): for field in oneof.fields { printer.read(field, into: oneof) }
                    }
                }
                for tag in model.textExtensions {
                    printer.line("case \(tag): try reader.unknownText(\(tag), &unknownFields)")
                }
                printer.line("default: try reader.unknown(tag, &unknownFields)", "}")
            }
        }
    }

    mutating func read(_ field: SwiftField) {
        let name = field.reference
        switch field.shape {
        case .implicit(let scalar):
            line("case \(field.tag(scalar.wireType)): \(name) = try reader.\(scalar.method)()")
        case .explicit(let scalar) where scalar.isClosed:
            let tag = field.tag(scalar.wireType)
            line("case \(tag): try reader.enumeration(&\(name), tag: \(tag), &unknownFields)")
        case .explicit(let scalar):
            let type = scalar.isEnum ? " as \(scalar.type)" : ""
            line("case \(field.tag(scalar.wireType)): \(name) = try reader.\(scalar.method)()\(type)")
        case .repeated(let scalar, _) where scalar.isClosed:
            let tag = field.tag(scalar.wireType)
            line("case \(field.tag(2)): try reader.packed(&\(name), tag: \(field.tag(2)), &unknownFields)")
            line("case \(tag): try reader.repeated(&\(name), tag: \(tag), &unknownFields)")
        case .repeated(let scalar, _):
            let tag = field.tag(scalar.wireType)
            // Readers take numbers packed or not, whatever the contract says.
            if scalar.isPackable { line("case \(field.tag(2)): try reader.packed(&\(name), \(scalar.coding).self)") }
            line("case \(tag): try reader.repeated(&\(name), tag: \(tag), \(scalar.coding).self)")
        case .message(_, boxed: true):
            line("case \(field.tag(2)): try reader.message(&\(field.boxName))")
        case .message(_, boxed: false):
            line("case \(field.tag(2)): try reader.message(&\(name))")
        case .messages:
            line("case \(field.tag(2)): try reader.messages(&\(name), tag: \(field.tag(2)))")
        case .group(let type, _):
            line("case \(field.tag(3)):")
            indented { printer in
                printer.line("var value = \(name) ?? \(type)()", "try reader.group(&value, number: \(field.number))")
                printer.line("\(name) = value")
            }
        case .groups(let type):
            line("case \(field.tag(3)):")
            indented { printer in
                printer.line("var value = \(type)()", "try reader.group(&value, number: \(field.number))")
                printer.line("\(name).append(value)")
            }
        case .map(let key, let value):
            let closing = value.isClosed ? "\(value.type).self, &unknownFields" : "\(value.coding).self"
            let codings = "\(key.coding).self, \(closing)"
            line("case \(field.tag(2)): try reader.map(&\(name), tag: \(field.tag(2)), \(codings))")
        }
    }

    /// A message of a oneof merges into the one that is there; anything else replaces what is there.
    mutating func read(_ field: SwiftField, into oneof: SwiftOneof) {
        let name = Body.reference(oneof.name)
        switch field.shape {
        case .message(let type, _): readMessage(field, type, into: name, wireType: 2, "try reader.message(&value)")
        case .group(let type, _):
            readMessage(field, type, into: name, wireType: 3, "try reader.group(&value, number: \(field.number))")
        case .explicit(let scalar) where scalar.isClosed:
            line("case \(field.tag(scalar.wireType)):")
            indented { printer in
                let call = "try reader.enumeration(tag: \(field.tag(scalar.wireType)), &unknownFields)"
                printer.line("if let value: \(scalar.type) = \(call) { \(name) = .\(field.name)(value) }")
            }
        case .implicit(let scalar), .explicit(let scalar):
            line("case \(field.tag(scalar.wireType)): \(name) = .\(field.name)(try reader.\(scalar.method)())")
        case .repeated, .messages, .groups, .map:
            preconditionFailure("a oneof has singular fields only")
        }
    }

    private mutating func readMessage(
        _ field: SwiftField, _ type: String, into name: String, wireType: UInt32, _ read: String
    ) {
        line("case \(field.tag(wireType)):")
        indented { printer in
            printer.line("var value = \(type)()")
            // Taken out, or the merge would change a second copy.
            printer.line("if case .\(field.name)(let current)? = \(name) {")
            printer.indented { $0.line("value = current", "\(name) = nil") }
            printer.line("}")
            printer.line(read, "\(name) = .\(field.name)(value)")
        }
    }
}
