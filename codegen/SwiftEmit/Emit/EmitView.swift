/// Views: a message's fields found in its bytes, for who does not want to decode it.
extension Printer {
    /// The `View` of a message and of those below it, inside the extension of its namespace.
    mutating func view(_ model: SwiftMessage, _ file: ViewFile, scope: String) {
        let words = file.words
        let type = scope + "." + model.name
        let name = file.viewName(of: model)
        let wire = words.wire("WireView")
        let access = file.access.word
        line("")
        block("extension \(type) {") { printer in
            printer.line("/// The fields of this message in its binary form, found where they lie.")
            printer.block("\(access)struct \(name): \(words.wire("MessageView")), ~Escapable {") { printer in
                printer.line("\(access)let wireView: \(wire)", "", "@_lifetime(copy wireView)")
                printer.line("\(access)init(_ wireView: \(wire)) { self.wireView = wireView }", "")
                printer.line("@_lifetime(copy bytes)")
                printer.line("\(access)init(_ bytes: \(words.swift("RawSpan"))) { self.init(\(wire)(bytes)) }")
                for member in model.members {
                    switch member {
                    case .field(let field): printer.property(field, rivals: [], file)
                    case .oneof(let oneof):
                        for field in oneof.fields {
                            let rivals = oneof.fields.map(\.number).filter { $0 != field.number }
                            printer.property(field, rivals: rivals, file)
                        }
                    }
                }
            }
        }
        for nested in model.messages { view(nested, file, scope: type) }
    }

    private mutating func property(_ field: SwiftField, rivals: [UInt32], _ file: ViewFile) {
        let others = rivals.isEmpty ? "" : ", rivals: [\(rivals.map(String.init).joined(separator: ", "))]"
        let number = "\(field.number)"
        line("")
        comment(field.comment)
        switch field.shape {
        case .implicit(let scalar) where scalar.wireType != 2 && !scalar.isClosed:
            get(field, scalar.type, "scalar(\(number), \(scalar.coding).self) ?? \(scalar.initial)", file)
        case .implicit(let scalar), .explicit(let scalar):
            singular(field, scalar, others, file)
        case .message(let type, _): message(field, type, "message(\(number)\(others))", file)
        case .group(let type, _): message(field, type, "group(\(number)\(others))", file)
        case .repeated, .messages, .groups, .map:
            get(field, file.words.wire("WireViewCursor"), "all(\(number))", file, borrows: true, throwing: false)
        }
    }

    private mutating func singular(_ field: SwiftField, _ scalar: Scalar, _ others: String, _ file: ViewFile) {
        let words = file.words
        switch scalar.method {
        case "string":
            get(field, words.swift("UTF8Span") + "?", "string(\(field.number)\(others))", file, borrows: true)
        case "bytes": get(field, words.swift("RawSpan") + "?", "bytes(\(field.number)\(others))", file, borrows: true)
        default:
            // A closed enum names not all numbers, and which of several counts only decoding decides.
            let coding = scalar.isClosed ? words.wire("ProtoInt32") : scalar.coding
            let type = scalar.isClosed ? words.swift("Int32") : scalar.type
            get(field, type + "?", "scalar(\(field.number), \(coding).self\(others))", file)
        }
    }

    /// A message of this file has a view; of others nobody knows whether they were asked for.
    private mutating func message(_ field: SwiftField, _ type: String, _ call: String, _ file: ViewFile) {
        guard let view = file.views[type] else {
            return get(field, file.words.wire("WireView") + "?", call, file, borrows: true)
        }
        // Optional.map takes no closure that answers something that cannot escape.
        let body = "guard let value = try wireView.\(call) else { return nil }; return \(type).\(view)(value)"
        get(field, "\(type).\(view)?", body, file, borrows: true, isBody: true)
    }

    private mutating func get(
        _ field: SwiftField, _ type: String, _ call: String, _ file: ViewFile, borrows: Bool = false,
        throwing: Bool = true, isBody: Bool = false
    ) {
        let name = field.name == "wireView" ? "wireView_" : field.name
        let effect = throwing ? " throws(\(file.words.wire("DecodeError")))" : ""
        block("\(file.access.word)var \(name): \(type) {") { printer in
            if borrows { printer.line("@_lifetime(copy self)") }
            let body = isBody ? call : (throwing ? "try " : "") + "wireView." + call
            printer.line("get\(effect) { \(body) }")
        }
    }
}

/// What views of a file need to know of it.
struct ViewFile {
    let words: Vocabulary
    let access: Access
    /// The views of the file's messages, by the message's qualified name.
    private(set) var views: [String: String] = [:]

    init(_ file: SwiftFile, _ access: Access) {
        words = file.words
        self.access = access
        for message in file.messages { collect(message, scope: file.namespace) }
    }

    private mutating func collect(_ message: SwiftMessage, scope: String) {
        let type = scope + "." + message.name
        views[type] = viewName(of: message)
        for nested in message.messages { collect(nested, scope: type) }
    }

    /// `View`, unless the contract has taken that name.
    func viewName(of message: SwiftMessage) -> String {
        var taken = message.messages.map(\.name) + message.enums.map(\.name)
        for case .oneof(let oneof) in message.members { taken.append(oneof.typeName) }
        return taken.contains("View") ? "FieldsView" : "View"
    }
}
