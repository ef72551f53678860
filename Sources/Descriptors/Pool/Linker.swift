import ProtoWire

/// Builds the tables of a pool: collects every name, then fills in what refers to names.
struct Linker {
    private(set) var files: [FileDescriptorProto] = []
    private(set) var filesByName: [String: Int] = [:]
    var symbols: [String: DescriptorPool.Symbol] = [:]
    var extensions: [String: DescriptorPool.Extension] = [:]
    private(set) var extensionsByNumber: [String: [UInt32: String]] = [:]
    var drafts: [MessageDraft] = []
    var texts = TextArena()
    var extensionDrafts: [String: [ExtensionDraft]] = [:]

    /// A message whose table has memory but no fields yet.
    struct MessageDraft {
        let fullName: String
        let proto: DescriptorProto
        let file: Int
        let features: Features
        let memory: UnsafeMutablePointer<MessageTable.Raw>
    }

    /// An extension, to become a field of what it extends.
    struct ExtensionDraft {
        let fullName: String
        let scope: String
        let proto: FieldDescriptorProto
        let features: Features
    }

    init(_ given: [FileDescriptorProto]) {
        var byName: [String: FileDescriptorProto] = [:]
        for file in given where byName[file.name ?? ""] == nil { byName[file.name ?? ""] = file }
        // Custom options extend descriptor.proto; a set made without it still links.
        let descriptorProto = GeneratedFile.descriptorProto
        if byName[descriptorProto.name] == nil, given.contains(where: { $0.dependency.contains(descriptorProto.name) }),
            let own = try? FileDescriptorProto(decoding: descriptorProto.descriptorBytes())
        {
            byName[descriptorProto.name] = own
        }
        for file in given { add(file.name ?? "", from: &byName) }
    }

    /// Adds a file after what it imports. Taking it out first ends cycles.
    private mutating func add(_ name: String, from waiting: inout [String: FileDescriptorProto]) {
        guard let file = waiting.removeValue(forKey: name) else { return }
        for dependency in file.dependency { add(dependency, from: &waiting) }
        filesByName[name] = files.count
        files.append(file)
    }

    mutating func link() throws(LinkError) {
        for index in files.indices { try declare(index) }
        for (extendee, list) in extensionDrafts {
            for draft in list {
                extensionsByNumber[extendee, default: [:]][UInt32(draft.proto.number ?? 0)] = draft.fullName
            }
        }
        for draft in drafts { try fill(draft) }
        spread(\.hasRequired) { $0.isRequired }
        spread(\.hasExtensions) { $0.isExtension }
    }

    /// Marks the messages that have such a field, or hold a message that does, at any depth: all others need no check.
    private func spread(_ mark: WritableKeyPath<MessageTable.Raw, Bool>, _ isFound: (FieldTable.Raw) -> Bool) {
        var isChanged = true
        while isChanged {
            isChanged = false
            for draft in drafts where !draft.memory.pointee[keyPath: mark] {
                let table = draft.memory.pointee
                let found = (0..<table.fieldCount).contains { index in
                    isFound(table.fields[index]) || table.fields[index].message?.pointee[keyPath: mark] == true
                }
                if found {
                    draft.memory.pointee[keyPath: mark] = true
                    isChanged = true
                }
            }
        }
    }

    private mutating func declare(_ index: Int) throws(LinkError) {
        let file = files[index]
        let features = Features(of: file)
        let package = file.package ?? ""
        for message in file.messageType { try declare(message, in: package, index, features) }
        for enumeration in file.enumType { try declare(enumeration, in: package, index, features) }
        for field in file.extension { try declare(extension: field, in: package, index, features) }
        for service in file.service {
            let name = qualified(service.name ?? "", in: package)
            try add(name, .service(service), index)
            for method in service.method {
                try add(qualified(method.name ?? "", in: name), .method(method, service: name), index)
            }
        }
    }

    private mutating func declare(
        _ message: DescriptorProto, in scope: String, _ file: Int, _ outer: Features
    ) throws(LinkError) {
        let name = qualified(message.name ?? "", in: scope)
        let features = outer.applying(message.options?.features)
        let memory = UnsafeMutablePointer<MessageTable.Raw>.allocate(capacity: 1)
        memory.initialize(
            to: MessageTable.Raw(
                fullName: texts.text(name),
                special: WellKnownType(fullName: name),
                isMapEntry: message.options?.mapEntry ?? false,
                fields: .allocate(capacity: 0),
                fieldCount: 0,
                oneofCount: message.oneofDecl.count,
                dense: .allocate(capacity: 64),
                names: NameIndex([]),
                oneofNames: .allocate(capacity: message.oneofDecl.count),
                isMessageSet: message.options?.messageSetWireFormat ?? false,
                reservedNames: .allocate(capacity: message.reservedName.count),
                reservedCount: message.reservedName.count
            ))
        for (index, reserved) in message.reservedName.enumerated() {
            (memory.pointee.reservedNames + index).initialize(to: texts.text(reserved))
        }
        memory.pointee.dense.initialize(repeating: 0, count: 64)
        try add(name, .message(MessageTable(raw: UnsafePointer(memory)), message), file)
        drafts.append(MessageDraft(fullName: name, proto: message, file: file, features: features, memory: memory))
        for (index, oneof) in message.oneofDecl.enumerated() {
            (memory.pointee.oneofNames + index).initialize(to: texts.text(oneof.name ?? ""))
            try add(qualified(oneof.name ?? "", in: name), .other, file)
        }
        for field in message.field { try add(qualified(field.name ?? "", in: name), .other, file) }
        for nested in message.nestedType { try declare(nested, in: name, file, features) }
        for nested in message.enumType { try declare(nested, in: name, file, features) }
        for field in message.extension { try declare(extension: field, in: name, file, features) }
    }

    private mutating func declare(
        _ proto: EnumDescriptorProto, in scope: String, _ file: Int, _ outer: Features
    ) throws(LinkError) {
        let name = qualified(proto.name ?? "", in: scope)
        let sorted = proto.value.enumerated().sorted {
            ($0.element.number ?? 0, $0.offset) < ($1.element.number ?? 0, $1.offset)
        }
        let values = UnsafeMutablePointer<EnumTable.Value>.allocate(capacity: sorted.count)
        var names: [(Text, Int)] = []
        var jsonNames: [(Text, Int)] = []
        for (index, item) in sorted.enumerated() {
            let text = texts.text(item.element.name ?? "")
            let custom = item.element.options.flatMap(Linker.jsonName).map { texts.text($0) }
            (values + index).initialize(
                to: EnumTable.Value(number: item.element.number ?? 0, name: text, jsonName: custom ?? text))
            names.append((text, index))
            if let custom { jsonNames.append((custom, index)) }
            // Values are siblings of their enum.
            try add(qualified(item.element.name ?? "", in: scope), .other, file)
        }
        let index = NameIndex(names)
        let memory = UnsafeMutablePointer<EnumTable.Raw>.allocate(capacity: 1)
        memory.initialize(
            to: EnumTable.Raw(
                fullName: texts.text(name),
                values: values,
                count: sorted.count,
                names: index,
                jsonNames: jsonNames.isEmpty ? index : NameIndex(jsonNames + names),
                isClosed: outer.applying(proto.options?.features).isClosed,
                isNull: name == "google.protobuf.NullValue",
                firstNumber: proto.value.first?.number ?? 0
            ))
        try add(name, .enumeration(EnumTable(raw: UnsafePointer(memory)), proto), file)
    }

    /// What `[(pb.enumvalue.json).string = "…"]` says, which edition 2026 brings.
    /// Source: google/protobuf/json_enumvalue_options.proto.
    private static func jsonName(_ options: EnumValueOptions) -> String? {
        guard !options.unknownFields.isEmpty else { return nil }
        return options.unknownFields.bytes.withUnsafeBytes { bytes in
            var name: String?
            var reader = WireReader(bytes)
            while let tag = try? reader.nextTag() {
                if tag == 998 << 3 | 2, let json = try? reader.rawBytes() {
                    var inner = WireReader(json)
                    while let tag = try? inner.nextTag() {
                        if tag == 1 << 3 | 2 {
                            name = (try? inner.string()) ?? name
                        } else if (try? inner.skip(tag)) == nil {
                            return name
                        }
                    }
                } else if (try? reader.skip(tag)) == nil {
                    return name
                }
            }
            return name
        }
    }

    private mutating func declare(
        extension field: FieldDescriptorProto, in scope: String, _ file: Int, _ outer: Features
    ) throws(LinkError) {
        let name = qualified(field.name ?? "", in: scope)
        try add(name, .other, file)
        let draft = ExtensionDraft(fullName: name, scope: scope, proto: field, features: outer)
        extensionDrafts[unqualified(field.extendee ?? ""), default: []].append(draft)
    }

    private mutating func add(_ name: String, _ kind: DescriptorPool.Symbol.Kind, _ file: Int) throws(LinkError) {
        if let other = symbols.updateValue(DescriptorPool.Symbol(kind: kind, file: file), forKey: name) {
            throw LinkError(
                element: name,
                problem: "is declared in \(files[other.file].name ?? "?") and in \(files[file].name ?? "?")")
        }
    }
}
