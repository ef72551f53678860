import Descriptors

extension FileModeler {
    mutating func model(
        extensions: [FieldDescriptorProto], under scope: String, at path: [Int32], _ outer: Features
    ) throws(EmitError) -> [SwiftExtension] {
        var models: [SwiftExtension] = []
        for (index, field) in extensions.enumerated() {
            let fullName = scope + "." + (field.name ?? "")
            guard let number = field.number, number > 0, let kind = field.type else {
                throw fault("the extension '\(fullName.dropFirst())' has no number or no type")
            }
            let fallback = field.defaultValue.flatMap { text in
                DefaultLiteral.swift(text, kind, field.typeName.flatMap { symbols[$0] })
            }
            models.append(
                SwiftExtension(
                    name: Naming.escaped(symbols[fullName]?.name ?? ""), fullName: String(fullName.dropFirst()),
                    number: UInt32(number), owner: try resolve(field.extendee).qualified,
                    shape: try shape(of: field, in: scope, outer.with(field.options?.features)), fallback: fallback,
                    comment: deprecated(comments.at(path + [Int32(index)]), field.options?.deprecated)))
        }
        return models
    }

    static func extensibility(of message: DescriptorProto) -> Extensibility {
        if message.extensionRange.isEmpty { return .none }
        return message.options?.messageSetWireFormat == true ? .messageSet : .fields
    }

    /// By message: the tags of the file's own extensions that are text to be checked.
    static func textExtensions(of file: FileDescriptorProto) -> [String: [UInt32]] {
        var tags: [String: [UInt32]] = [:]
        func collect(_ fields: [FieldDescriptorProto], _ outer: Features) {
            for field in fields where field.type == .string && outer.with(field.options?.features).checksUTF8 {
                tags[field.extendee ?? "", default: []].append(UInt32(bitPattern: field.number ?? 0) << 3 | 2)
            }
        }
        func collect(_ messages: [DescriptorProto], _ outer: Features) {
            for message in messages {
                let features = outer.with(message.options?.features)
                collect(message.extension, features)
                collect(message.nestedType, features)
            }
        }
        collect(file.extension, Features(file))
        collect(file.messageType, Features(file))
        return tags
    }
}
