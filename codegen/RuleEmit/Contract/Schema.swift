package import Descriptors
package import SwiftEmit

/// All messages and enums of a run by their full names, as rules need to know them.
package struct Schema {
    package struct Message {
        package let fullName: String
        package let file: String
        /// Where the descriptor stands in its file, as in `SourceCodeInfo`.
        package let path: [Int32]
        package let proto: DescriptorProto
        package let names: ContractNames.Message
        /// In the order of the contract.
        package let fields: [Field]
    }

    /// A field with what its type needs.
    package struct Field {
        package let proto: FieldDescriptorProto
        package let path: [Int32]
        package let names: ContractNames.Field
        /// The key's and the value's descriptors of a map.
        package let entry: Entry?
        package let kind: FieldDescriptorProto.Kind

        package var name: String { proto.name ?? "" }
        package var number: Int32 { proto.number ?? 0 }
        package var isMap: Bool { entry != nil }
        package var isList: Bool { proto.label == .repeated && entry == nil }
        /// Whether it knows that it was set.
        package var hasPresence: Bool { proto.label != .repeated && !names.isImplicit }
        package var messageType: String? {
            kind == .message || kind == .group ? proto.typeName.map { String($0.dropFirst()) } : nil
        }
        package var enumType: String? { kind == .enum ? proto.typeName.map { String($0.dropFirst()) } : nil }
    }

    package struct Entry {
        package let key: FieldDescriptorProto
        package let value: FieldDescriptorProto
    }

    package struct Enumeration {
        package let proto: EnumDescriptorProto
        package let type: String
    }

    package private(set) var messages: [String: Message] = [:]
    package private(set) var enums: [String: Enumeration] = [:]
    /// Extension fields by what they extend, then by number.
    package private(set) var extensions: [String: [Int32: Extension]] = [:]
    package let files: [String: FileDescriptorProto]
    package let names: ContractNames

    package struct Extension {
        package let proto: FieldDescriptorProto
        package let fullName: String
    }

    package init(_ all: [FileDescriptorProto], _ names: ContractNames) {
        self.names = names
        files = Dictionary(all.map { ($0.name ?? "", $0) }, uniquingKeysWith: { first, _ in first })
        for file in all {
            let scope = file.package ?? ""
            for (index, message) in file.messageType.enumerated() {
                add(message, under: scope, at: [4, Int32(index)], of: file)
            }
            for enumeration in file.enumType { add(enumeration, under: scope) }
            for field in file.extension { add(extension: field, under: scope) }
        }
    }

    private static func joined(_ scope: String, _ name: String?) -> String {
        scope.isEmpty ? name ?? "" : scope + "." + (name ?? "")
    }

    private mutating func add(
        _ message: DescriptorProto, under scope: String, at path: [Int32], of file: FileDescriptorProto
    ) {
        let fullName = Schema.joined(scope, message.name)
        let entries = Dictionary(
            message.nestedType.filter { $0.options?.mapEntry == true }.map {
                ("." + fullName + "." + ($0.name ?? ""), $0)
            },
            uniquingKeysWith: { first, _ in first })
        if let names = names.messages[fullName] {
            messages[fullName] = Message(
                fullName: fullName, file: file.name ?? "", path: path, proto: message, names: names,
                fields: message.field.enumerated().compactMap { index, field in
                    Schema.field(field, names, entries[field.typeName ?? ""], at: path + [2, Int32(index)])
                })
        }
        for (index, nested) in message.nestedType.enumerated() where nested.options?.mapEntry != true {
            add(nested, under: fullName, at: path + [3, Int32(index)], of: file)
        }
        for enumeration in message.enumType { add(enumeration, under: fullName) }
        for field in message.extension { add(extension: field, under: fullName) }
    }

    private static func field(
        _ field: FieldDescriptorProto, _ names: ContractNames.Message, _ entry: DescriptorProto?, at path: [Int32]
    ) -> Field? {
        guard let kind = field.type, let names = names.fields[field.number ?? 0] else { return nil }
        var pair: Entry?
        if let entry, let key = entry.field.first(where: { $0.number == 1 }),
            let value = entry.field.first(where: { $0.number == 2 })
        {
            pair = Entry(key: key, value: value)
        }
        return Field(proto: field, path: path, names: names, entry: pair, kind: kind)
    }

    private mutating func add(_ enumeration: EnumDescriptorProto, under scope: String) {
        let fullName = Schema.joined(scope, enumeration.name)
        enums[fullName] = Enumeration(proto: enumeration, type: names.enums[fullName] ?? "")
    }

    private mutating func add(extension field: FieldDescriptorProto, under scope: String) {
        let target = String((field.extendee ?? "").drop { $0 == "." })
        let value = Extension(proto: field, fullName: Schema.joined(scope, field.name))
        extensions[target, default: [:]][field.number ?? 0] = value
    }
}
