extension Linker {
    /// Gives a message its fields, and the extensions that the files hold.
    mutating func fill(_ draft: MessageDraft) throws(LinkError) {
        var drafts: [(proto: FieldDescriptorProto, extensionName: String?, scope: String, features: Features)] =
            draft.proto.field.map { ($0, nil, draft.fullName, draft.features) }
        for found in extensionDrafts[draft.fullName] ?? [] {
            drafts.append((found.proto, found.fullName, found.scope, found.features))
        }
        drafts.sort { ($0.proto.number ?? 0) < ($1.proto.number ?? 0) }
        let memory = UnsafeMutablePointer<FieldTable.Raw>.allocate(capacity: drafts.count)
        var names: [(Text, Int)] = []
        for (index, item) in drafts.enumerated() {
            let field = try resolve(
                item.proto, item.extensionName, in: item.scope, item.features, of: draft, at: index)
            (memory + index).initialize(to: field)
            names.append((field.jsonName, index))
            if field.number < 64 { draft.memory.pointee.dense[Int(field.number)] = UInt16(index + 1) }
            if let name = item.extensionName {
                let table = FieldTable(raw: UnsafePointer(memory + index))
                extensions[name] = DescriptorPool.Extension(field: table, extendee: draft.fullName)
            }
        }
        // A JSON name wins over another field's original name.
        for index in drafts.indices { names.append((memory[index].name, index)) }
        draft.memory.pointee.fields = memory
        draft.memory.pointee.fieldCount = drafts.count
        draft.memory.pointee.names = NameIndex(names)
        if draft.memory.pointee.isMapEntry, drafts.count != 2 {
            throw LinkError(element: draft.fullName, problem: "a map entry has a key and a value")
        }
    }

    private mutating func resolve(
        _ proto: FieldDescriptorProto, _ extensionName: String?, in scope: String, _ outer: Features,
        of draft: MessageDraft, at index: Int
    ) throws(LinkError) -> FieldTable.Raw {
        let element = extensionName ?? qualified(proto.name ?? "", in: scope)
        let features = outer.applying(proto.options?.features)
        guard let number = proto.number, 1...0x1FFF_FFFF ~= number else {
            throw LinkError(element: element, problem: "has no valid number")
        }
        guard var kind = proto.type.flatMap({ FieldKind(rawValue: UInt8(clamping: $0.rawValue)) }) else {
            throw LinkError(element: element, problem: "has no type")
        }
        let isRepeated = proto.label == .repeated
        let message = kind.isMessage ? try messageType(proto, in: scope, element) : nil
        let isMap = isRepeated && message?.isMapEntry == true
        // Neither a map's entries nor their values are delimited, whatever the file says of messages.
        let isInMap = message?.isMapEntry == true || draft.memory.pointee.isMapEntry
        if kind == .message, features.isDelimited, !isInMap { kind = .group }
        let name = extensionName.map { "[\($0)]" } ?? proto.name ?? ""
        let jsonName = extensionName.map { "[\($0)]" } ?? proto.jsonName ?? Linker.jsonName(proto.name ?? "")
        let isSingularWithPresence =
            kind.isMessage || features.hasPresence || proto.proto3Optional == true || proto.oneofIndex != nil
            || extensionName != nil || proto.label == .required
        let original = texts.key(name)
        let json = jsonName == name ? original : texts.key(jsonName)
        let textName = textName(name, kind, message, of: draft)
        let isSetItem =
            extensionName != nil && kind == .message && !isRepeated && draft.memory.pointee.isMessageSet
        return FieldTable.Raw(
            number: UInt32(number),
            kind: kind,
            isRepeated: isRepeated,
            isMap: isMap,
            isPacked: isRepeated && kind.isPackable && (proto.options?.packed ?? features.isPacked),
            hasPresence: !isRepeated && isSingularWithPresence,
            isRequired: proto.label == .required || proto.options?.features?.fieldPresence == .legacyRequired,
            isExtension: extensionName != nil,
            isSetItem: isSetItem,
            isFramed: kind == .message && !isSetItem,
            jsonLevels: message?.wellKnown == .value ? 0 : 1,
            checksUTF8: features.checksUTF8,
            index: index,
            oneof: extensionName == nil ? proto.oneofIndex.map(Int.init) ?? -1 : -1,
            name: original.name,
            jsonName: json.name,
            jsonKey: json.key,
            originalKey: original.key,
            textName: textName == name ? original.name : texts.text(textName),
            message: message?.raw,
            enumeration: kind == .enumeration ? try enumType(proto, in: scope, element).raw : nil
        )
    }

    /// A field that is what a `group` declares goes by the name of its type, since that is what the contract spells.
    ///
    /// Such a field is delimited, has its type's name in small letters, and its type beside it.
    /// Source: protobuf.dev, "Text Format Language Specification".
    private func textName(_ name: String, _ kind: FieldKind, _ message: MessageTable?, of draft: MessageDraft) -> String
    {
        guard kind == .group, let typeName = message?.fullName else { return name }
        let dot = typeName.lastIndex(of: ".")
        let short = String(dot.map { typeName[typeName.index(after: $0)...] } ?? typeName[...])
        if name.hasPrefix("[") { return name }
        return short.lowercased() == name && typeName == "\(draft.fullName).\(short)" ? short : name
    }

    private func messageType(
        _ proto: FieldDescriptorProto, in scope: String, _ element: String
    ) throws(LinkError) -> MessageTable {
        guard case .message(let table, _)? = find(proto.typeName ?? "", from: scope)?.kind else {
            throw LinkError(element: element, problem: "its type \(proto.typeName ?? "?") is not among the files")
        }
        return table
    }

    private func enumType(
        _ proto: FieldDescriptorProto, in scope: String, _ element: String
    ) throws(LinkError) -> EnumTable {
        guard case .enumeration(let table, _)? = find(proto.typeName ?? "", from: scope)?.kind else {
            throw LinkError(element: element, problem: "its type \(proto.typeName ?? "?") is not among the files")
        }
        return table
    }

    /// A name as linked files write it, with a leading dot; without one it is looked for from the inside out.
    private func find(_ name: String, from scope: String) -> DescriptorPool.Symbol? {
        if name.hasPrefix(".") { return symbols[unqualified(name)] }
        var scope = scope
        while !scope.isEmpty {
            if let symbol = symbols["\(scope).\(name)"] { return symbol }
            scope = scope.lastIndex(of: ".").map { String(scope[..<$0]) } ?? ""
        }
        return symbols[name]
    }

    /// What a field is called in JSON if its contract does not say: `video_url` is `videoUrl`.
    static func jsonName(_ name: String) -> String {
        guard name.utf8.contains(UInt8(ascii: "_")) else { return name }
        var result: [UInt8] = []
        var raise = false
        for byte in name.utf8 {
            if byte == UInt8(ascii: "_") {
                raise = true
            } else {
                result.append(raise && byte &- 0x61 < 26 ? byte - 0x20 : byte)
                raise = false
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
