extension Printer {
    /// `encode`: backwards, so unknown fields first, then the highest number, and the lowest last.
    mutating func encode(_ model: SwiftMessage, _ words: Vocabulary, _ access: Access) {
        block("\(access.word)func encode(into writer: inout \(words.wire("WireWriter"))) {") { printer in
            printer.line("writer.unknown(unknownFields)")
            for run in Writes(model).runs {
                switch run {
                case .field(let field): printer.write(field)
                case .member(let field, let oneof):
                    let name = Body.reference(oneof.name)
                    printer.line("if case .\(field.name)(let value)? = \(name) { \(field.write("value")) }")
                case .choice(let fields, let oneof):
                    printer.line("switch \(Body.reference(oneof.name)) {")
                    for field in fields { printer.line("case .\(field.name)(let value)?: \(field.write("value"))") }
                    printer.line("default: break", "}")
                }
            }
        }
    }

    mutating func write(_ field: SwiftField) {
        let name = field.reference
        switch field.shape {
        case .implicit(let scalar) where scalar.test == .notEmpty:
            // The test is in the call, which is code that each field would have.
            line("writer.nonEmpty(\(name), tag: \(field.tag(scalar.wireType)))")
        case .implicit(let scalar):
            line("if \(scalar.test.condition(on: name)) { \(field.write(name)) }")
        case .explicit, .message(_, boxed: false), .group:
            // The short form would shadow a local variable, so a field of such a name goes by another.
            let isPlain = name == field.name
            line("if let \(isPlain ? name : "value = " + name) { \(field.write(isPlain ? name : "value")) }")
        case .message(_, boxed: true):
            line("if let box = \(field.boxName) { \(field.write("box")) }")
        case .groups:
            line("for value in \(name).reversed() { \(field.write("value")) }")
        case .repeated, .messages, .map:
            line(field.write(name))
        }
    }
}

extension SwiftField {
    /// The call that writes `value`.
    func write(_ value: String) -> String {
        switch shape {
        case .implicit(let scalar), .explicit(let scalar):
            "writer.\(scalar.method)(\(value), tag: \(tag(scalar.wireType)))"
        case .repeated(let scalar, packed: true): "writer.packed(\(value), tag: \(tag(2)), \(scalar.coding).self)"
        case .repeated(let scalar, packed: false):
            "writer.repeated(\(value), tag: \(tag(scalar.wireType)), \(scalar.coding).self)"
        case .message: "writer.message(\(value), tag: \(tag(2)))"
        case .messages: "writer.messages(\(value), tag: \(tag(2)))"
        case .group, .groups: "writer.group(\(value), number: \(number))"
        case .map(let key, let entry):
            "writer.map(\(value), tag: \(tag(2)), \(key.coding).self, \(entry.coding).self)"
        }
    }
}

extension Scalar.Test {
    /// True if the field is not its default. Floating point compares bits, because -0 is not the default.
    func condition(on name: String) -> String {
        switch self {
        case .notZero: "\(name) != 0"
        case .hasBits: "\(name).bitPattern != 0"
        case .isTrue: name
        case .notEmpty: "!\(name).isEmpty"
        case .rawNotZero: "\(name).rawValue != 0"
        }
    }
}

/// The order in which a message's fields are written, and which members of a oneof share one `switch`.
private struct Writes {
    enum Run {
        case field(SwiftField)
        /// A member of a oneof that stands alone.
        case member(SwiftField, SwiftOneof)
        /// Members between whose numbers no other field's lies.
        case choice([SwiftField], SwiftOneof)
    }

    private(set) var runs: [Run] = []

    init(_ model: SwiftMessage) {
        var fields: [(field: SwiftField, oneof: SwiftOneof?)] = []
        for member in model.members {
            switch member {
            case .field(let field): fields.append((field, nil))
            case .oneof(let oneof): fields += oneof.fields.map { ($0, oneof) }
            }
        }
        for (field, oneof) in fields.sorted(by: { $0.field.number > $1.field.number }) {
            guard let oneof else {
                runs.append(.field(field))
                continue
            }
            add(field, of: oneof)
        }
    }

    private mutating func add(_ field: SwiftField, of oneof: SwiftOneof) {
        switch runs.last {
        case .member(let other, let last)? where last.name == oneof.name:
            runs[runs.count - 1] = .choice([other, field], oneof)
        case .choice(let others, let last)? where last.name == oneof.name:
            runs[runs.count - 1] = .choice(others + [field], oneof)
        default:
            runs.append(.member(field, oneof))
        }
    }
}
