import ProtoSyntax

extension Declarer {
    mutating func declare(_ syntax: MessageSyntax, in scope: String, parent: Int?, path: [Int32]) -> Int {
        let fullName = joined(scope, syntax.name.text)
        let index = draft.messages.count
        enter(fullName, .message, index, at: syntax.name.span)
        let set = options(.message, scope: scope, path: path + [7])
        draft.messages.append(
            MessageDraft(
                name: syntax.name.text, fullName: fullName, nameSpan: syntax.name.span, parent: parent, path: path,
                visibility: syntax.visibility, optionSet: set))
        draft.messages[index].isMessageSet = syntax.items.contains(where: \.asksForMessageSet)
        for item in syntax.items {
            declare(item, in: index)
        }
        addSyntheticOneofs(to: index)
        return index
    }

    private mutating func declare(_ item: MessageItem, in index: Int) {
        let (fullName, path) = (draft.messages[index].fullName, draft.messages[index].path)
        switch item {
        case .field(let field):
            declare(field, in: index, oneof: nil)
        case .oneof(let oneof):
            declare(oneof, in: index)
        case .message(let message):
            _ = declareNested(message, in: index)
        case .enumeration(let enumeration):
            let position = Int32(draft.messages[index].enums.count)
            let nested = declare(enumeration, in: fullName, parent: index, path: path + [4, position])
            draft.messages[index].enums.append(nested)
        case .extend(let extend):
            declare(extend, in: fullName, parent: index)
        case .extensions(let extensions):
            declare(extensions, in: index)
        case .reserved(let reserved):
            draft.messages[index].reservedNames += reserved.names
            draft.messages[index].reservedRanges += reserved.ranges.map { range in
                RangeDraft(start: Int64(range.first), end: exclusive(range.last, in: index), span: range.span)
            }
        case .option(let option):
            draft.optionSets[draft.messages[index].optionSet].add(option)
        }
    }

    /// The nested message gets its place among its siblings before its own content is read.
    private mutating func declareNested(_ syntax: MessageSyntax, in parent: Int) -> Int {
        let position = draft.messages[parent].nested.count
        draft.messages[parent].nested.append(draft.messages.count)
        return declare(
            syntax, in: draft.messages[parent].fullName, parent: parent,
            path: draft.messages[parent].path + [3, Int32(position)])
    }

    /// The end of a range as descriptors have it: excluded. `max` is the largest field number there is; in a message set,
    /// whose type ids are no tags, the largest `int32` (and there, by protoc's custom, it is excluded itself).
    private func exclusive(_ last: Int32?, in message: Int) -> Int64 {
        if last == nil, draft.messages[message].isMessageSet { return Int64(Int32.max) }
        return Int64(last ?? FieldNumber.largest) + 1
    }

    private mutating func declare(_ syntax: ExtensionsSyntax, in index: Int) {
        var first: Int?
        for range in syntax.ranges {
            let message = draft.messages[index]
            var set: Int?
            if let options = syntax.options {
                let path = message.path + [5, Int32(message.extensionRanges.count), 3]
                set = self.options(.extensionRange, scope: message.fullName, path: path, options.options)
                // One statement, one meaning: the options are interpreted once.
                draft.optionSets[set ?? 0].sharedWith = first
                first = first ?? set
            }
            draft.messages[index].extensionRanges.append(
                RangeDraft(
                    start: Int64(range.first), end: exclusive(range.last, in: index), span: range.span,
                    optionSet: set))
        }
    }

    private mutating func declare(_ syntax: OneofSyntax, in index: Int) {
        let message = draft.messages[index]
        let position = message.oneofs.count
        enter(joined(message.fullName, syntax.name.text), .oneof, position, at: syntax.name.span)
        let set = options(.oneof, scope: message.fullName, path: message.path + [8, Int32(position), 2])
        draft.messages[index].oneofs.append(
            OneofDraft(name: syntax.name.text, nameSpan: syntax.name.span, optionSet: set, isSynthetic: false))
        for item in syntax.items {
            switch item {
            case .option(let option): draft.optionSets[set].add(option)
            case .field(let field): declare(field, in: index, oneof: position)
            }
        }
        if syntax.fields.isEmpty, !draft.tree.isDamaged {
            report.error(
                .emptyBody, "oneof `\(syntax.name.text)` has no field", at: syntax.name.span,
                help: "declare a field in it or take it out")
        }
    }

    // MARK: - Fields

    private mutating func declare(_ syntax: FieldSyntax, in index: Int, oneof: Int?) {
        // No copy of the message is held while a field is added: the list would be copied with it, for each field.
        let fullName = draft.messages[index].fullName
        let path = draft.messages[index].path + [2, Int32(draft.messages[index].fields.count)]
        let field = declareField(syntax, scope: fullName, parent: index, path: path, extendee: nil)
        draft.fields[field].oneof = oneof
        draft.messages[index].fields.append(field)
        declareOwnType(of: syntax, field, in: fullName, parent: index)
    }

    mutating func declare(_ syntax: ExtendSyntax, in scope: String, parent: Int?) {
        for field in syntax.fields {
            let path: [Int32]
            if let parent {
                path = draft.messages[parent].path + [6, Int32(draft.messages[parent].extensions.count)]
            } else {
                path = [7, Int32(draft.topExtensions.count)]
            }
            let index = declareField(field, scope: scope, parent: parent, path: path, extendee: syntax.extendee)
            if let parent {
                draft.messages[parent].extensions.append(index)
            } else {
                draft.topExtensions.append(index)
            }
            declareOwnType(of: field, index, in: scope, parent: parent)
        }
    }

    private mutating func declareField(
        _ syntax: FieldSyntax, scope: String, parent: Int?, path: [Int32], extendee: Identifier?
    ) -> Int {
        let fullName = joined(scope, syntax.name.text)
        let index = draft.fields.count
        enter(fullName, extendee == nil ? .field : .extensionField, index, at: syntax.name.span)
        // `default` and `json_name` look like options and are none.
        let written = syntax.options?.options ?? []
        let set = options(
            .field, scope: scope, path: path + [8],
            written.filter { !FieldSyntax.pseudoOptions.contains($0.plainName ?? "") })
        var isMap = false
        if case .map = syntax.type { isMap = true }
        draft.fields.append(
            FieldDraft(
                name: syntax.name.text, fullName: fullName, nameSpan: syntax.name.span, scope: scope, parent: parent,
                path: path, syntax: syntax, extendee: extendee, written: syntax.type,
                label: isMap ? .repeated : syntax.label?.word ?? .optional,
                isProto3Optional: draft.dialect == .proto3 && syntax.label?.word == .optional && !isMap,
                number: syntax.number, numberSpan: syntax.numberSpan, isMap: isMap,
                jsonName: jsonName(of: syntax.name.text), optionSet: set))
        return index
    }

    /// The message that a group or a map brings along, nested where the field stands.
    private mutating func declareOwnType(of syntax: FieldSyntax, _ field: Int, in scope: String, parent: Int?) {
        if let group = syntax.group {
            let index: Int
            if let parent {
                index = declareNested(group, in: parent)
            } else {
                let path: [Int32] = [4, Int32(draft.topMessages.count)]
                draft.topMessages.append(draft.messages.count)
                index = declare(group, in: scope, parent: nil, path: path)
            }
            setType(.group(TypeRef(file: file, index: index)), of: field)
        } else if case .map(let key, let value, _) = syntax.type, let parent {
            let entry = declareMapEntry(of: syntax, key: key, value: value, in: parent)
            setType(.message(TypeRef(file: file, index: entry)), of: field)
        }
    }

    private mutating func setType(_ type: ResolvedType, of field: Int) {
        draft.fields[field].type = type
        if let ref = type.messageRef { draft.fields[field].typeName = "." + draft.messages[ref.index].fullName }
    }

    private mutating func declareMapEntry(
        of syntax: FieldSyntax, key: FieldType, value: FieldType, in parent: Int
    ) -> Int {
        let name = mapEntryName(of: syntax.name.text)
        let fullName = joined(draft.messages[parent].fullName, name)
        let index = draft.messages.count
        if let earlier = program.enter(
            fullName, Symbol(kind: .message, file: file, index: index, span: syntax.name.span))
        {
            report.error(
                .mapEntryClash, "map `\(syntax.name.text)` needs the name `\(name)` for its entries, which is taken",
                at: syntax.name.span, notes: [.init("taken here", at: earlier.span)], help: "rename one of the two")
        }
        let path = draft.messages[parent].path + [3, Int32(draft.messages[parent].nested.count)]
        let set = options(.message, scope: fullName, path: path + [7])
        draft.messages[parent].nested.append(index)
        draft.messages.append(
            MessageDraft(
                name: name, fullName: fullName, nameSpan: syntax.name.span, parent: parent, path: path,
                isMapEntry: true, optionSet: set))
        for (number, (part, type)) in [("key", key), ("value", value)].enumerated() {
            let field = draft.fields.count
            // What the author says of the map's features holds for its keys and values.
            let features = (syntax.options?.options ?? []).filter { $0.name.first?.text == "features" }
            let fieldSet = options(.field, scope: fullName, path: [], features)
            draft.fields.append(
                FieldDraft(
                    name: part, fullName: joined(fullName, part), nameSpan: syntax.name.span, scope: fullName,
                    parent: index, path: [], syntax: nil, extendee: nil, written: type, label: .optional,
                    number: Int32(number + 1), numberSpan: syntax.numberSpan, jsonName: part, optionSet: fieldSet))
            draft.messages[index].fields.append(field)
        }
        return index
    }

    /// Each proto3 `optional` field gets a oneof of its own, behind all real ones, so that old readers keep its presence
    /// (protobuf's `docs/implementing_proto3_presence.md`).
    private mutating func addSyntheticOneofs(to index: Int) {
        let message = draft.messages[index]
        let optional = message.fields.filter { draft.fields[$0].isProto3Optional }
        guard !optional.isEmpty else { return }
        var taken = Set(message.fields.map { draft.fields[$0].name } + message.oneofs.map(\.name))
        for field in optional {
            var name = draft.fields[field].name
            if !name.hasPrefix("_") { name = "_" + name }
            while taken.contains(name) { name = "X" + name }
            taken.insert(name)
            draft.fields[field].oneof = draft.messages[index].oneofs.count
            enter(
                joined(message.fullName, name), .oneof, draft.messages[index].oneofs.count,
                at: draft.fields[field].nameSpan)
            let set = options(.oneof, scope: message.fullName, path: [])
            draft.messages[index].oneofs.append(
                OneofDraft(name: name, nameSpan: nil, optionSet: set, isSynthetic: true))
        }
    }
}

extension MessageItem {
    /// Known from the syntax: what `max` means depends on it, before options are interpreted.
    fileprivate var asksForMessageSet: Bool {
        guard case .option(let option) = self, option.plainName == "message_set_wire_format",
            case .identifier("true", isNegative: false) = option.value
        else { return false }
        return true
    }
}

extension FieldSyntax {
    /// Written between the brackets like options, but properties of the field.
    static let pseudoOptions: Set<String> = ["default", "json_name"]

    func pseudoOption(_ name: String) -> [OptionSyntax] {
        options?.options.filter { $0.plainName == name } ?? []
    }
}

/// `page_size` as `pageSize` (protobuf.dev, "ProtoJSON Format").
func jsonName(of name: String) -> String {
    var out = ""
    var raisesNext = false
    for character in name {
        if character == "_" {
            raisesNext = true
        } else {
            out.append(raisesNext ? Character(character.uppercased()) : character)
            raisesNext = false
        }
    }
    return out
}

/// `page_labels` as `PageLabelsEntry`.
private func mapEntryName(of name: String) -> String {
    let camel = jsonName(of: name)
    return (camel.first.map { $0.uppercased() } ?? "") + camel.dropFirst() + "Entry"
}
