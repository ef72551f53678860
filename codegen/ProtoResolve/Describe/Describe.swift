import Descriptors
import ProtoSyntax
import ProtoWire

/// The descriptor of a finished file: the only thing that leaves the compiler.
func describe(_ index: Int, of program: Program, in source: Source, _ options: Compiler.Options) -> FileDescriptorProto
{
    let describer = Describer(program: program, draft: program.files[index], options: options)
    var file = describer.file()
    if options.includesSourceInfo {
        file.sourceCodeInfo = sourceInfo(
            of: program.files[index], in: source, program, retainingSource: options.retainsSourceOptions)
    }
    return file
}

private struct Describer {
    let program: Program
    let draft: Draft
    let options: Compiler.Options

    func file() -> FileDescriptorProto {
        var file = FileDescriptorProto()
        file.name = draft.name
        if !draft.package.isEmpty { file.package = draft.package }
        for statement in draft.tree.imports {
            if statement.modifier == .optionOnly {
                file.optionDependency.append(statement.path)
                continue
            }
            if statement.modifier == .reexported { file.publicDependency.append(Int32(file.dependency.count)) }
            if statement.modifier == .weak { file.weakDependency.append(Int32(file.dependency.count)) }
            file.dependency.append(statement.path)
        }
        file.messageType = draft.topMessages.map { message(draft.messages[$0]) }
        file.enumType = draft.topEnums.map { enumeration(draft.enums[$0]) }
        file.service = draft.services.map(service)
        file.extension = draft.topExtensions.map { field(draft.fields[$0]) }
        file.options = read(draft.optionSet)
        switch draft.dialect {
        case .legacy, .proto2:
            break
        case .proto3:
            file.syntax = "proto3"
        case .edition2023, .edition2024, .edition2026, .unstable:
            file.syntax = "editions"
            file.edition = Descriptors.Edition(rawValue: draft.dialect.rawValue)
        }
        return file
    }

    /// The options as their message; `nil` if none are written.
    ///
    /// By way of bytes: what descriptor.proto knows becomes fields, what it does not stays as it is.
    private func read<Options: Message>(_ index: Int) -> Options? {
        let set = draft.optionSets[index]
        guard set.isPresent else { return nil }
        let bytes = set.encoded(program, retainingSource: options.retainsSourceOptions)
        // All of them were for the compiler: then none were written, as far as others know.
        guard !bytes.isEmpty else { return nil }
        if let options = try? Options(decoding: bytes) { return options }
        // A descriptor.proto of the user's own may say otherwise than ours what the fields are: nothing is lost.
        var options = Options()
        options.unknownFields = UnknownFields(bytes: bytes)
        return options
    }

    // MARK: - Messages

    private func message(_ draft: MessageDraft) -> DescriptorProto {
        var message = DescriptorProto()
        message.name = draft.name
        message.field = draft.fields.map { field(self.draft.fields[$0]) }
        message.nestedType = draft.nested.map { self.message(self.draft.messages[$0]) }
        message.enumType = draft.enums.map { enumeration(self.draft.enums[$0]) }
        message.extensionRange = draft.extensionRanges.map(range)
        message.extension = draft.extensions.map { field(self.draft.fields[$0]) }
        message.options = read(draft.optionSet)
        if draft.isMapEntry {
            var options = MessageOptions()
            options.mapEntry = true
            message.options = options
        }
        message.oneofDecl = draft.oneofs.map { draft in
            var oneof = OneofDescriptorProto()
            oneof.name = draft.name
            oneof.options = read(draft.optionSet)
            return oneof
        }
        message.reservedRange = draft.reservedRanges.map { draft in
            var range = DescriptorProto.ReservedRange()
            range.start = Int32(clamping: draft.start)
            range.end = Int32(clamping: draft.end)
            return range
        }
        message.reservedName = draft.reservedNames.map(\.text)
        message.visibility = draft.visibility.map { SymbolVisibility(rawValue: $0.word.rawValue) }
        return message
    }

    private func range(_ draft: RangeDraft) -> DescriptorProto.ExtensionRange {
        var range = DescriptorProto.ExtensionRange()
        range.start = Int32(clamping: draft.start)
        range.end = Int32(clamping: draft.end)
        range.options = draft.optionSet.flatMap { read($0) }
        return range
    }

    private func field(_ draft: FieldDraft) -> FieldDescriptorProto {
        var field = FieldDescriptorProto()
        field.name = draft.name
        field.number = draft.number
        field.label = FieldDescriptorProto.Label(rawValue: draft.label.rawValue)
        switch draft.type {
        case .scalar(let scalar): field.type = FieldDescriptorProto.Kind(rawValue: scalar.rawValue)
        case .group: field.type = .group
        case .message: field.type = .message
        case .enumeration: field.type = .enum
        case .unknown: break
        }
        if !draft.typeName.isEmpty { field.typeName = draft.typeName }
        if draft.isExtension { field.extendee = draft.extendedName }
        field.defaultValue = draft.defaultValue
        field.oneofIndex = draft.oneof.map(Int32.init)
        field.jsonName = draft.jsonName
        field.options = read(draft.optionSet)
        if draft.isProto3Optional { field.proto3Optional = true }
        return field
    }

    // MARK: - Enums and services

    private func enumeration(_ draft: EnumDraft) -> EnumDescriptorProto {
        var enumeration = EnumDescriptorProto()
        enumeration.name = draft.name
        enumeration.value = draft.values.map { draft in
            var value = EnumValueDescriptorProto()
            value.name = draft.name
            value.number = draft.number
            value.options = read(draft.optionSet)
            return value
        }
        enumeration.options = read(draft.optionSet)
        enumeration.reservedRange = draft.reservedRanges.map { draft in
            var range = EnumDescriptorProto.EnumReservedRange()
            range.start = Int32(clamping: draft.start)
            range.end = Int32(clamping: draft.end)
            return range
        }
        enumeration.reservedName = draft.reservedNames.map(\.text)
        enumeration.visibility = draft.visibility.map { SymbolVisibility(rawValue: $0.word.rawValue) }
        return enumeration
    }

    private func service(_ draft: ServiceDraft) -> ServiceDescriptorProto {
        var service = ServiceDescriptorProto()
        service.name = draft.name
        service.method = draft.methods.map { draft in
            var method = MethodDescriptorProto()
            method.name = draft.syntax.name.text
            method.inputType = draft.inputName
            method.outputType = draft.outputName
            // A body says that there are options, even if it is empty.
            method.options = read(draft.optionSet) ?? draft.syntax.options.map { _ in MethodOptions() }
            if draft.syntax.input.isStreaming { method.clientStreaming = true }
            if draft.syntax.output.isStreaming { method.serverStreaming = true }
            return method
        }
        service.options = read(draft.optionSet)
        return service
    }
}
