extension Printer {
    /// How many structs lie in each other in the text. What is deeper goes into an extension of its own: the compiler's time
    /// doubles with each level from about 20 on, and 24 levels take it minutes.
    private static var deepestNesting: Int { 8 }

    /// A message: a struct with its fields, how to read them and how to write them. Messages that lie too deep in it are
    /// added to `later`, each with the type that it belongs into.
    mutating func message(
        _ model: SwiftMessage, in file: SwiftFile, _ access: Access, scope: String, depth: Int = 1,
        later: inout [(scope: String, model: SwiftMessage)]
    ) {
        let words = file.words
        comment(model.comment)
        let name = scope + "." + model.name
        // Extensible messages have rules of their own for what is in no row.
        let isTable = file.wantsSmallCode && model.extensibility == .none
        let message = isTable ? "TableMessage" : "Message"
        let conformance = words.wire(model.extensibility == .none ? message : "ExtensibleMessage")
        block("\(access.word)struct \(model.name): \(conformance) {") { printer in
            for member in model.members { printer.declare(member, words, access) }
            let unknown = words.wire("UnknownFields")
            printer.line("\(access.word)var unknownFields = \(unknown)()", "", "\(access.word)init() {}", "")
            printer.line(
                "\(access.word)static let descriptor = \(words.wire("MessageDescriptor"))("
                    + "fullName: \"\(model.fullName)\", file: \(file.namespace).\(file.descriptorName))")
            if model.extensibility == .messageSet {
                printer.line("\(access.word)static var isMessageSet: \(words.swift("Bool")) { true }")
            }
            if !model.extensions.isEmpty { printer.line("") }
            for field in model.extensions { printer.extensionField(field, words, access) }
            for case .oneof(let oneof) in model.members {
                printer.line("")
                printer.choice(oneof, words, access)
            }
            printer.line("")
            if isTable {
                printer.table(model, in: file, scope: name, access)
            } else {
                printer.merge(model, words, access)
                printer.line("")
                printer.encode(model, words, access)
            }
            printer.required(model, words, access)
            for enumeration in model.enums {
                printer.line("")
                printer.enumeration(enumeration, words, access)
            }
            for nested in model.messages {
                guard depth < Printer.deepestNesting else {
                    later.append((name, nested))
                    continue
                }
                printer.line("")
                printer.message(nested, in: file, access, scope: name, depth: depth + 1, later: &later)
            }
        }
    }

    private mutating func declare(_ member: SwiftMember, _ words: Vocabulary, _ access: Access) {
        switch member {
        case .oneof(let oneof):
            comment(oneof.comment)
            line("\(access.word)var \(oneof.name): \(oneof.type)?")
            for field in oneof.fields { fallback(of: field, in: oneof, access) }
        case .field(let field):
            comment(field.comment)
            if case .message(let type, boxed: true) = field.shape { return boxed(field, type, words, access) }
            if case .group(let type, boxed: true) = field.shape { return boxed(field, type, words, access) }
            line("\(access.word)var \(field.name)\(field.declaration(words))")
            fallback(of: field, in: nil, access)
        }
    }

    /// The property that is the field's value or, where it is absent, what the contract says.
    private mutating func fallback(of field: SwiftField, in oneof: SwiftOneof?, _ access: Access) {
        guard let fallback = field.fallback else { return }
        line("/// The field \(field.name), or what it means where it is absent.")
        let type = field.payload
        block("\(access.word)var \(fallback.name): \(type) {") { printer in
            guard let oneof else { return printer.line("\(field.name) ?? \(fallback.literal)") }
            printer.line("if case .\(field.name)(let value)? = \(oneof.name) { value } else { \(fallback.literal) }")
        }
    }

    /// A field of a type that contains this one: the box is storage, the property is plain.
    private mutating func boxed(_ field: SwiftField, _ type: String, _ words: Vocabulary, _ access: Access) {
        let inlinable = access.isInlinable ? "@inlinable " : ""
        let box = words.wire("Box")
        block("\(access.word)var \(field.name): \(type)? {") { printer in
            printer.line("\(inlinable)get { \(field.boxName)?.value }")
            printer.line("\(inlinable)set { \(field.boxName) = newValue.map { \(box)($0) } }")
        }
        line("\(access.isInlinable ? "@usableFromInline" : "private") var \(field.boxName): \(box)<\(type)>?")
    }

    /// The enum of a oneof: a case for each field that it may hold.
    private mutating func choice(_ oneof: SwiftOneof, _ words: Vocabulary, _ access: Access) {
        comment(oneof.comment)
        let conformances = "\(words.swift("Sendable")), \(words.swift("Equatable"))"
        block("\(access.word)enum \(oneof.typeName): \(conformances) {") { printer in
            for field in oneof.fields {
                printer.comment(field.comment)
                printer.line("\(field.isIndirect ? "indirect " : "")case \(field.name)(\(field.payload))")
            }
        }
    }
}

extension SwiftField {
    /// The property that holds the box.
    var boxName: String { "_" + name.filter { $0 != "`" } }

    /// What a oneof's case holds.
    var payload: String {
        switch shape {
        case .implicit(let scalar), .explicit(let scalar), .repeated(let scalar, _): scalar.type
        case .message(let type, _), .messages(let type), .group(let type, _), .groups(let type): type
        case .map: preconditionFailure("a oneof has no maps")
        }
    }

    var isIndirect: Bool {
        switch shape {
        case .message(_, let boxed), .group(_, let boxed): boxed
        default: false
        }
    }

    /// The type and the initial value of the property.
    func declaration(_ words: Vocabulary) -> String {
        switch shape {
        case .implicit(let scalar): ": \(scalar.type) = \(scalar.initial)"
        case .explicit(let scalar): ": \(scalar.type)?"
        case .repeated(let scalar, _): ": [\(scalar.type)] = []"
        case .message(let type, _), .group(let type, _): ": \(type)?"
        case .messages(let type), .groups(let type): ": [\(type)] = []"
        case .map(let key, let value): " = \(words.wire("ProtoMap"))<\(key.type), \(value.type)>()"
        }
    }

    /// A field's tag as it stands in the bytes.
    func tag(_ wireType: UInt32) -> UInt32 { number << 3 | wireType }

    /// The name in a body: behind `self.` where a local variable has it too.
    var reference: String { Body.reference(name) }
}

/// What the bodies of `merge` and `encode` call their own variables.
enum Body {
    static let locals: Set<String> = ["reader", "writer", "tag", "value", "current", "box", "missing", "fieldNumber"]

    static func reference(_ name: String) -> String {
        locals.contains(name) ? "self." + name : name
    }
}
