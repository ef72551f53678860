import ProtoSyntax

/// Checks the rules that need the whole file: it reads only, and nothing follows it.
func validate(_ index: Int, of program: Program, _ report: inout Report) {
    let file = program.files[index]
    var promises: [TypeRef: ExtensionPromises] = [:]
    for ref in Set(file.fields.compactMap(\.extended)) {
        promises[ref] = ExtensionPromises(of: program.message(ref), in: program.files[ref.file])
    }
    let validator = Validator(program: program, file: file, index: index, promises: promises)
    for message in validator.file.messages { validator.check(message, &report) }
    for enumeration in validator.file.enums { validator.check(enumeration, &report) }
    for field in validator.file.fields { validator.check(field, &report) }
    for service in validator.file.services { validator.checkVisibility(of: service, &report) }
    validator.checkFile(&report)
    validator.checkStyle(&report)
    validator.checkImports(&report)
}

struct Validator {
    let program: Program
    let file: Draft
    let index: Int
    /// Of the messages that the file extends.
    let promises: [TypeRef: ExtensionPromises]

    // MARK: - Messages

    func check(_ message: MessageDraft, _ report: inout Report) {
        checkDeclarations(of: message, &report)
        if let range = message.extensionRanges.first, file.dialect == .proto3 {
            report.error(
                .extensionRangeInProto3, "messages of proto3 cannot be extended", at: range.span,
                help: "use `google.protobuf.Any`, or fields")
        }
        let options = file.optionSets[message.optionSet]
        if options.values.varint(7) != nil {
            report.error(
                .internalOption, "`map_entry` is the compiler's own", at: place(of: "map_entry", in: options),
                help: "declare the field as `map<Key, Value>`")
        }
        if message.isMessageSet, file.dialect == .proto3 {
            report.error(
                .messageSetRules, "proto3 has no message sets", at: place(of: "message_set_wire_format", in: options),
                help: "use `google.protobuf.Any`, or fields")
        }
        if message.isMessageSet, let field = message.fields.first {
            report.error(
                .messageSetRules, "a message set has extensions only, no fields", at: file.fields[field].nameSpan)
        }
        if options.values.varint(message.fields.isEmpty ? 0 : 11) == nil {
            checkJSONNames(of: message, &report)
        }
        checkExport(of: message, &report)
        checkLimits(of: message, &report)
    }

    /// Options of the file that clash with its edition.
    func checkFile(_ report: inout Report) {
        let options = file.optionSets[file.optionSet]
        if file.dialect.hasFeatures, options.values.varint(27) == 1 {
            report.error(
                .featureLifetime, "`java_string_check_utf8` is not in editions",
                at: place(of: "java_string_check_utf8", in: options),
                help: "import `google/protobuf/java_features.proto` and write `features.(pb.java).utf8_validation`")
        }
        if file.features.presence == .legacyRequired {
            report.error(
                .featureValue, "fields cannot be required by default",
                at: options.written.first { $0.name.first?.text == "features" }?.nameSpan,
                help: "set the feature on the fields themselves")
        }
        for (number, name): (Int32, String) in [
            (16, "cc_generic_services"), (17, "java_generic_services"), (18, "py_generic_services"),
        ] where options.values.varint(number) == 1 {
            report.warning(
                .deprecatedFeature, "`\(name)` is deprecated", at: place(of: name, in: options),
                help: "stubs are made by the generator of the RPC system: take the option out")
        }
    }

    func place(of name: String, in options: OptionSet) -> Span? {
        options.written.first { $0.plainName == name }?.nameSpan
    }

    private func checkJSONNames(of message: MessageDraft, _ report: inout Report) {
        guard !message.isMapEntry else { return }
        var taken: [String: FieldDraft] = [:]
        for field in message.fields.map({ file.fields[$0] }) {
            guard let earlier = taken[field.jsonName] else {
                taken[field.jsonName] = field
                continue
            }
            // Two fields of one name are reported already.
            if earlier.name == field.name { continue }
            let isOwn = field.hasOwnJSONName && earlier.hasOwnJSONName
            report.record(
                Diagnostic(
                    isOwn || message.features.jsonFormat == .allow ? .error : .warning, .jsonNameClash,
                    "`\(earlier.name)` and `\(field.name)` have the same name in JSON, `\(field.jsonName)`",
                    at: field.nameSpan, notes: [.init("the other field", at: earlier.nameSpan)],
                    help: "rename one of them, or give it a `json_name`"))
        }
    }

    // MARK: - Enums

    func check(_ enumeration: EnumDraft, _ report: inout Report) {
        if enumeration.values.isEmpty {
            if !file.tree.isDamaged {
                report.error(
                    .emptyBody, "enum `\(enumeration.name)` has no value", at: enumeration.nameSpan,
                    help: "it needs one at least: `\(enumeration.name.uppercased())_UNSPECIFIED = 0;`")
            }
            return
        }
        if let first = enumeration.values.first, let number = first.number, number != 0, !enumeration.isClosed {
            report.error(
                .firstEnumValueNotZero, "the first value of an open enum must be 0", at: first.numberSpan,
                help:
                    "put `\(enumeration.name.uppercased())_UNSPECIFIED = 0;` before it: it is what an unset field reads as"
            )
        }
        checkAliases(of: enumeration, &report)
        checkExport(of: enumeration, &report)
        checkLimits(of: enumeration, &report)
        checkCustomJSONNames(of: enumeration, &report)
        checkJSONNames(of: enumeration, &report)
    }

    private func checkAliases(of enumeration: EnumDraft, _ report: inout Report) {
        let options = file.optionSets[enumeration.optionSet]
        let allows = options.values.varint(2).map { $0 != 0 } ?? false
        var taken: [Int32: EnumValueDraft] = [:]
        var hasAlias = false
        for value in enumeration.values {
            guard let number = value.number else { continue }
            guard let earlier = taken[number] else {
                taken[number] = value
                continue
            }
            hasAlias = true
            if !allows {
                report.error(
                    .duplicateEnumNumber, "number \(number) is used twice in enum `\(enumeration.name)`",
                    at: value.numberSpan, notes: [.init("`\(earlier.name)` has it already", at: earlier.numberSpan)],
                    help: "if both names are to mean the same, write `option allow_alias = true;`")
            }
        }
        let place = place(of: "allow_alias", in: options)
        if allows, !hasAlias, !file.tree.isDamaged {
            report.error(
                .uselessAlias, "enum `\(enumeration.name)` allows aliases and has none", at: place,
                help: "take the option out")
        } else if !allows, options.values.varint(2) != nil {
            report.error(
                .uselessAlias, "`allow_alias = false` has no effect", at: place, help: "take the option out")
        }
    }

    /// Some languages strip the name of the enum from its values and write them in camel case: then they must differ still.
    private func checkJSONNames(of enumeration: EnumDraft, _ report: inout Report) {
        var taken: [String: EnumValueDraft] = [:]
        for value in enumeration.values {
            let name = strippedName(of: value.name, in: enumeration.name)
            guard let earlier = taken[name] else {
                taken[name] = value
                continue
            }
            if earlier.name == value.name || earlier.number == value.number { continue }
            report.error(
                .enumValueScope,
                "`\(earlier.name)` and `\(value.name)` are the same name, but for case and the name of the enum",
                at: value.nameSpan, notes: [.init("the other value", at: earlier.nameSpan)],
                help: "generated code would call both `\(name)`")
        }
    }

    private func strippedName(of value: String, in enumeration: String) -> String {
        let prefix = Array(enumeration.utf8.filter { $0 != 95 }.map { $0 | 0x20 })
        var rest = Substring(value)
        var matched = 0
        while matched < prefix.count, let byte = rest.utf8.first {
            if byte != 95 {
                guard byte | 0x20 == prefix[matched] else { break }
                matched += 1
            }
            rest = rest.dropFirst()
        }
        while rest.first == "_" { rest = rest.dropFirst() }
        let kept = matched == prefix.count && !rest.isEmpty ? String(rest) : value
        return kept.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }.joined()
    }

    // MARK: - Imports

    func checkImports(_ report: inout Report) {
        guard !file.tree.isDamaged, !file.isBuiltIn else { return }
        for (position, statement) in file.tree.imports.enumerated() {
            let isKnown = program.fileIndex[statement.path] != nil
            guard isKnown, statement.modifier != .reexported, !file.usedImports.contains(position),
                !report.hasErrors
            else { continue }
            report.warning(
                .unusedImport, "nothing of `\(statement.path)` is used", at: statement.span,
                help: "take the import out",
                fixes: [.init("take it out", replacing: statement.span, with: "")])
        }
    }
}
