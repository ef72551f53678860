extension Printer {
    /// An extension: a constant that is a key to the field.
    mutating func extensionField(_ model: SwiftExtension, _ words: Vocabulary, _ access: Access) {
        comment(model.comment)
        let type = words.wire(model.isRepeated ? "RepeatedExtensionField" : "ExtensionField")
        let arguments = ["\"\(model.fullName)\"", "\(model.number)", model.coding(words)] + model.more
        line("\(access.word)static let \(model.name) = \(type)<\(model.owner), \(model.valueType)>(")
        indented { $0.line(arguments.joined(separator: ", ") + ")") }
    }
}

extension SwiftExtension {
    fileprivate var isRepeated: Bool {
        switch shape {
        case .repeated, .messages, .groups: true
        default: false
        }
    }

    /// The type of the value, or of an element.
    fileprivate var valueType: String {
        switch shape {
        case .implicit(let scalar), .explicit(let scalar), .repeated(let scalar, _): scalar.type
        case .message(let type, _), .messages(let type), .group(let type, _), .groups(let type): type
        case .map: preconditionFailure("an extension is no map")
        }
    }

    fileprivate func coding(_ words: Vocabulary) -> String {
        switch shape {
        case .implicit(let scalar), .explicit(let scalar), .repeated(let scalar, _):
            scalar.isClosed ? "closed: \(scalar.type).self" : "\(scalar.coding).self"
        case .message(let type, _), .messages(let type): "message: \(type).self"
        case .group(let type, _), .groups(let type): "group: \(type).self"
        case .map: preconditionFailure("an extension is no map")
        }
    }

    fileprivate var more: [String] {
        if case .repeated(_, packed: true) = shape { return ["packed: true"] }
        return fallback.map { ["default: \($0)"] } ?? []
    }
}
