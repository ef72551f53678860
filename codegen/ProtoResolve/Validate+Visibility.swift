import ProtoSyntax

extension Validator {
    // MARK: - Use

    /// Types of other files must be exported by them (descriptor.proto, `FeatureSet.VisibilityFeature`).
    func checkVisibility(of field: FieldDraft, _ report: inout Report) {
        switch field.type {
        case .message(let ref), .group(let ref), .enumeration(let ref):
            if !field.isMap { checkVisible(field.type, ref, at: field.written.span, &report) }
        case .scalar, .unknown: break
        }
        if let extended = field.extended, let extendee = field.extendee {
            checkVisible(.message(extended), extended, at: extendee.span, &report)
        }
    }

    func checkVisibility(of service: ServiceDraft, _ report: inout Report) {
        for method in service.methods {
            if let input = method.input {
                checkVisible(.message(input), input, at: method.syntax.input.name.span, &report)
            }
            if let output = method.output {
                checkVisible(.message(output), output, at: method.syntax.output.name.span, &report)
            }
        }
    }

    private func checkVisible(_ type: ResolvedType, _ ref: TypeRef, at span: Span, _ report: inout Report) {
        guard ref.file != index else { return }
        let (name, nameSpan, isNested, visibility): (String, Span, Bool, Visibility?)
        if case .enumeration = type {
            let enumeration = program.enumeration(ref)
            (name, nameSpan, isNested, visibility) =
                (enumeration.fullName, enumeration.nameSpan, enumeration.parent != nil, enumeration.visibility)
        } else {
            let message = program.message(ref)
            (name, nameSpan, isNested, visibility) =
                (message.fullName, message.nameSpan, message.parent != nil, message.visibility)
        }
        let features = program.files[ref.file].features.symbolVisibility
        let isExported: Bool
        switch (visibility?.word, features) {
        case (.export?, _), (nil, .exportAll): isExported = true
        case (nil, .exportTopLevel): isExported = !isNested
        case (.local?, _), (nil, .localAll), (nil, .strict): isExported = false
        }
        guard !isExported else { return }
        var notes = [Diagnostic.Note("declared here", at: visibility?.span ?? nameSpan)]
        if visibility == nil {
            notes.append(.init("the visibility of its file is `\(features.text)`, by which it is local"))
        }
        report.error(
            .notExported, "`\(name)` is local to its file", at: span, notes: notes,
            help: isNested && features == .strict
                ? "declare it at the level of its file, with `export` before it" : "write `export` before it")
    }

    // MARK: - Declaration

    func checkExport(of message: MessageDraft, _ report: inout Report) {
        guard message.parent != nil, message.visibility?.word == .export,
            file.features.symbolVisibility == .strict
        else { return }
        report.error(
            .visibilityRules, "a nested message cannot be exported where the visibility is STRICT",
            at: message.visibility?.span, help: "declare it at the level of the file, best in a file of its own")
    }

    func checkExport(of enumeration: EnumDraft, _ report: inout Report) {
        guard let parent = enumeration.parent, enumeration.visibility?.word == .export,
            file.features.symbolVisibility == .strict, !isNamespace(file.messages[parent])
        else { return }
        report.error(
            .visibilityRules, "a nested enum cannot be exported where the visibility is STRICT",
            at: enumeration.visibility?.span,
            notes: [
                .init("a message that is local, has no fields and says `reserved 1 to max;` is but a scope for enums")
            ],
            help: "declare it at the level of the file")
    }

    /// A message that nobody can use: it stands there to be a scope for its enums, as C++ has them.
    private func isNamespace(_ message: MessageDraft) -> Bool {
        guard message.parent == nil, message.visibility?.word != .export, message.fields.isEmpty,
            message.extensionRanges.isEmpty, let range = message.reservedRanges.first
        else { return false }
        return message.reservedRanges.count == 1 && range.start == 1 && range.end == Int64(FieldNumber.largest) + 1
    }
}

extension Features.SymbolVisibility {
    /// As contracts write it.
    fileprivate var text: String {
        switch self {
        case .exportAll: "EXPORT_ALL"
        case .exportTopLevel: "EXPORT_TOP_LEVEL"
        case .localAll: "LOCAL_ALL"
        case .strict: "STRICT"
        }
    }
}
