import ProtoSyntax

/// Which options a round takes.
enum OptionRound {
    /// Fields of the `*Options` messages of descriptor.proto.
    case standard
    /// Names in parentheses: extensions of those messages.
    case custom
}

/// Gives the written options their meaning: finds the field of each, and builds the message that they make up together.
///
/// Standard and custom options go one way, since descriptor.proto is a file like any other.
func interpretOptions(_ round: OptionRound, of index: Int, in program: inout Program, _ report: inout Report) {
    var interpreter = OptionInterpreter(program, file: index, report)
    report = Report()  // The interpreter holds the only copy while it writes.
    var finished: [Int: OptionSet] = [:]
    for (position, set) in program.files[index].optionSets.enumerated() where set.isPresent {
        if let first = set.sharedWith {
            var shared = set
            let source = finished[first] ?? program.files[index].optionSets[first]
            shared.values = source.values
            shared.paths = source.paths.map { path in
                path.map { path in
                    var own = path
                    own.numbers = set.path + path.numbers.dropFirst(set.path.count)
                    return own
                }
            }
            finished[position] = shared
        } else {
            finished[position] = interpreter.interpret(set, round)
        }
    }
    report = interpreter.report
    let used = interpreter.used
    interpreter.release()
    program.edit(index) { draft in
        for (position, set) in finished { draft.optionSets[position] = set }
        for file in used { draft.use(file) }
    }
}

/// Interprets the options of one file.
struct OptionInterpreter {
    /// The message that holds extensions of any kind in text format.
    static let anyName = "google.protobuf.Any"

    var program: Program
    let file: Int
    var report: Report
    /// Files whose extensions or types are used.
    var used: Set<Int> = []
    let dialect: Dialect
    let visible: Set<Int>
    /// Of the declaration whose options are read.
    var target = OptionTarget.file
    var scope = ""
    /// How often each repeated option was written, by its path.
    private var repeated: [[Int32]: Int32] = [:]

    init(_ program: Program, file: Int, _ report: Report) {
        self.program = program
        self.file = file
        self.report = report
        dialect = program.files[file].dialect
        visible = program.files[file].optionFiles
    }

    /// Lets go of the program, so that it is not copied when it is changed next.
    mutating func release() {
        program = Program()
    }

    mutating func interpret(_ set: OptionSet, _ round: OptionRound) -> OptionSet {
        var set = set
        target = set.target
        scope = set.scope
        guard let message = program.symbol("google.protobuf.\(target.messageName)"), message.kind == .message else {
            return set  // A descriptor.proto of the user's own that lacks it; every name would be unknown.
        }
        for (position, option) in set.written.enumerated() {
            let isCustom = option.name.first?.isExtension ?? false
            guard isCustom == (round == .custom) else { continue }
            if option.name.first?.text == "features", !isCustom, !dialect.hasFeatures {
                report.error(
                    .featureWithoutEdition, "features are of editions", at: option.nameSpan,
                    help: "begin the file with `edition = \"2023\";`, or leave the option out")
                continue
            }
            set.paths[position] = assign(
                option, part: 0, in: message.ref, to: &set.values, OptionPath(numbers: set.path, fields: []))
        }
        for option in set.written where (option.name.first?.isExtension ?? false) == (round == .custom) {
            checkRequired(option, set.values)
        }
        return set
    }

    // MARK: - Names

    /// Follows the name of the option part by part and sets the field at its end. Returns that field's path.
    private mutating func assign(
        _ option: OptionSyntax, part: Int, in message: TypeRef, to value: inout MessageValue, _ outer: OptionPath
    ) -> OptionPath? {
        let name = option.name[part]
        guard let ref = find(name, in: message, of: option) else { return nil }
        let field = program.field(ref)
        guard let number = field.number, check(ref, at: name.span) else { return nil }
        var path = OptionPath(numbers: outer.numbers + [number], fields: outer.fields + [ref])
        let isLast = part == option.name.count - 1
        if !isLast {
            guard let inner = field.type.messageRef, !field.isRepeated else {
                report.error(
                    .optionNotMessage, "`\(name.text)` has no fields to set: it is \(kind(of: field))", at: name.span)
                return nil
            }
            // Taken out while it is changed: nobody else holds it, so nothing is copied. What was set as a whole may be added
            // to: only what is set already may not be set again.
            var slot =
                value.slots.removeValue(forKey: number)
                ?? FieldSlot(field: ref, span: option.nameSpan, isWhole: false)
            var content = MessageValue()
            if case .message(let already)? = slot.values.popLast() { content = already }
            let found = assign(option, part: part + 1, in: inner, to: &content, path)
            slot.values = [.message(content)]
            value.slots[number] = slot
            override(field, in: message, &value)
            return found
        }
        if let earlier = value.slots[number], !field.isRepeated {
            reportRepeated(option, at: earlier.span, earlier.isWhole ? "it was set" : "a part of it was set")
            return nil
        }
        let written = AggregateValue(value: option.value, span: option.valueSpan)
        guard let content = content(of: written, for: field, inAggregate: false) else { return nil }
        value.slots[number, default: FieldSlot(field: ref, span: option.nameSpan, isWhole: true)].values.append(content)
        path.content = content
        override(field, in: message, &value)
        if field.isRepeated {
            // As protoc counts: how often the option was written, not how many values it has by now.
            let count = repeated[path.numbers, default: 0]
            repeated[path.numbers] = count + 1
            path.numbers.append(count)
        }
        return path
    }

    /// The field is the one of its oneof that was set last.
    private func override(_ field: FieldDraft, in message: TypeRef, _ value: inout MessageValue) {
        guard let oneof = field.oneof, !field.isExtension, let own = field.number else { return }
        let fields = program.files[message.file].fields
        for index in program.message(message).fields {
            guard fields[index].oneof == oneof, let number = fields[index].number else { continue }
            value.slots[number]?.isOverridden = number != own
        }
    }

    /// Messages that were put together by their fields have those that are required.
    private mutating func checkRequired(_ option: OptionSyntax, _ values: MessageValue) {
        guard option.name.count > 1 else { return }
        for slot in values.slots.values.sorted(by: { $0.span.start < $1.span.start }) where slot.span == option.nameSpan
        {
            for case .message(let value) in slot.values {
                guard let ref = program.field(slot.field).type.messageRef else { continue }
                checkRequired(value, ref, at: slot.span)
            }
        }
    }

    private mutating func checkRequired(_ value: MessageValue, _ ref: TypeRef, at span: Span) {
        let message = program.message(ref)
        for index in message.fields {
            let field = program.files[ref.file].fields[index]
            guard let number = field.number else { continue }
            if value.slots[number] == nil, field.label == .required || field.features.presence == .legacyRequired {
                report.error(
                    .requiredMissing, "`\(message.fullName)` needs its field `\(field.name)`", at: span,
                    notes: [.init("it is required", at: field.nameSpan)])
            }
        }
        for slot in value.slots.values where !slot.isWhole {
            guard let inner = program.field(slot.field).type.messageRef else { continue }
            for case .message(let content) in slot.values { checkRequired(content, inner, at: slot.span) }
        }
    }

    private mutating func reportRepeated(_ option: OptionSyntax, at earlier: Span, _ what: String) {
        report.error(
            .repeatedOption, "option `\(option.nameText)` is set twice", at: option.nameSpan,
            notes: [.init("\(what) here", at: earlier)])
    }

    private mutating func find(_ name: OptionNamePart, in message: TypeRef, of option: OptionSyntax) -> TypeRef? {
        if name.isExtension {
            return findExtension(Identifier(text: name.text, span: name.span), of: message)
        }
        let owner = program.message(message)
        if name.text == "uninterpreted_option", owner.fullName.hasPrefix("google.protobuf.") {
            report.error(.internalOption, "`uninterpreted_option` is the compiler's own", at: name.span)
            return nil
        }
        if let found = owner.fields.first(where: { program.files[message.file].fields[$0].name == name.text }) {
            return TypeRef(file: message.file, index: found)
        }
        guard !report.isFull else {
            report.error(.unknownOption, "unknown option `\(name.text)`", at: name.span)
            return nil
        }
        let known = owner.fields.map { program.files[message.file].fields[$0].name }
        let custom = program.names(seenFrom: visible) { $0 == .extensionField }
            .first { $0 == joined(scope, name.text) || $0.hasSuffix("." + name.text) }
        let isFirst = option.name.first?.span == name.span
        let near = nearest(to: name.text, among: known)
        report.error(
            .unknownOption,
            isFirst
                ? "unknown option `\(name.text)` of \(target.text)" : "`\(owner.fullName)` has no field `\(name.text)`",
            at: name.span,
            help: near.map { "did you mean `\($0)`?" }
                ?? (isFirst ? custom.map { "the name of a custom option is in parentheses: `(\($0))`" } : nil),
            fixes: near.map { [.init("write `\($0)`", replacing: name.span, with: $0)] } ?? [])
        return nil
    }

    mutating func findExtension(_ name: Identifier, of message: TypeRef) -> TypeRef? {
        // Whatever is nearest is meant, even if it is no extension.
        let looked = program.look(up: name.text, from: scope, seenFrom: visible) { _ in true }
        guard case .found(let symbol, let fullName) = looked else {
            reportUnknownExtension(name, of: message, looked)
            return nil
        }
        used.insert(symbol.file)
        guard symbol.kind == .extensionField else {
            report.error(
                .wrongKind, "`\(name.text)` is \(symbol.kind.text), not an extension", at: name.span,
                notes: [.init("declared here", at: symbol.span)], help: fartherOption(name).map { "write `(.\($0))`" })
            return nil
        }
        let field = program.field(symbol.ref)
        guard let extended = field.extended else { return nil }
        guard extended == message else {
            report.error(
                .optionOfOther,
                "`\(fullName)` extends `\(program.message(extended).fullName)`, "
                    + "but here `\(program.message(message).fullName)` is wanted", at: name.span,
                notes: [.init("declared here", at: symbol.span)])
            return nil
        }
        return symbol.ref
    }

    /// The extension of that name that something nearer hides.
    private func fartherOption(_ name: Identifier) -> String? {
        let looked = program.look(up: name.text, from: scope, seenFrom: visible) { $0 == .extensionField }
        guard case .found(let symbol, let fullName) = looked, symbol.kind == .extensionField else { return nil }
        return fullName
    }

    private mutating func reportUnknownExtension(_ name: Identifier, of message: TypeRef, _ looked: Lookup) {
        guard !report.isFull else {
            report.error(.unknownOption, "unknown option `(\(name.text))`", at: name.span)
            return
        }
        let plain = name.text.hasPrefix(".") ? String(name.text.dropFirst()) : name.text
        if let (fullName, symbol) = program.elsewhere(plain, where: { $0 == .extensionField }),
            !visible.contains(symbol.file)
        {
            let path = program.files[symbol.file].name
            report.error(
                .notImported, "option `(\(name.text))` is declared in `\(path)`, which is not imported", at: name.span,
                notes: [.init("`\(fullName)` is declared here", at: symbol.span)], help: "add `import \"\(path)\";`",
                fixes: program.files[file].importing(path))
            return
        }
        guard program.files[file].brokenImports.isEmpty else { return }
        if case .trapped(let inner) = looked, program.symbol(plain, seenFrom: visible)?.kind == .extensionField {
            report.error(
                .hiddenByScope, "`(\(name.text))` is looked for in `\(inner)`, where it is not", at: name.span,
                notes: [.init("the innermost scope that has the first part of the name wins")],
                help: "write `(.\(plain))`: a point at the beginning names from the root")
            return
        }
        let known = program.names(seenFrom: visible) { $0 == .extensionField }
        let near = nearest(to: plain, among: known)
        report.error(
            .unknownOption, "unknown option `(\(name.text))`", at: name.span,
            help: near.map { "did you mean `(\($0))`?" },
            fixes: near.map { [.init("write `(\($0))`", replacing: name.span, with: "(\($0))")] } ?? [])
    }

    // MARK: - Where options may stand

    /// Whether the field may be set on this kind of declaration in this dialect.
    mutating func check(_ ref: TypeRef, at span: Span) -> Bool {
        let field = program.field(ref)
        let options = program.files[ref.file].optionSets[field.optionSet].values
        if let targets = options.slots[19]?.values, !targets.isEmpty {
            let allowed = targets.compactMap { content -> OptionTarget? in
                if case .varint(let raw) = content { return OptionTarget(rawValue: Int32(truncatingIfNeeded: raw)) }
                return nil
            }
            if !allowed.contains(target) {
                report.error(
                    .optionTarget, "`\(field.name)` may not be set on \(target.text)", at: span,
                    notes: [.init("declared here", at: field.nameSpan)],
                    help: "it may be set on \(allowed.map(\.text).joined(separator: ", "))")
                return false
            }
        }
        guard let support = options.message(22) else { return true }
        return check(FeatureSupport(support), of: field.name, declaredAt: field.nameSpan, at: span)
    }

    /// Whether what has this lifetime may be used in this edition; if it is on its way out, that is told.
    mutating func check(
        _ support: FeatureSupport, of name: String, declaredAt declaration: Span, at span: Span
    ) -> Bool {
        let now = UInt64(dialect.rawValue)
        let notes = [Diagnostic.Note("declared here", at: declaration)]
        if let introduced = support.introduced, now < introduced {
            report.error(
                .featureLifetime, "`\(name)` is of edition \(FeatureSupport.edition(introduced)) and later", at: span,
                notes: notes, help: "this file is in \(dialect.text)")
            return false
        }
        if let removed = support.removed, now >= removed {
            report.error(
                .featureLifetime, "`\(name)` was removed in edition \(FeatureSupport.edition(removed))", at: span,
                notes: notes, help: support.removalText)
            return false
        }
        if let deprecated = support.deprecated, now >= deprecated {
            report.warning(
                .deprecatedFeature, "`\(name)` is deprecated since edition \(FeatureSupport.edition(deprecated))",
                at: span, notes: notes, help: support.deprecationText)
        }
        return true
    }

    /// What the field is, for messages.
    func kind(of field: FieldDraft) -> String {
        let one: String
        switch field.type {
        case .scalar(let scalar): one = scalar.text
        case .message(let ref), .group(let ref): one = "`\(program.message(ref).fullName)`"
        case .enumeration(let ref): one = "enum `\(program.enumeration(ref).fullName)`"
        case .unknown: one = "of an unknown type"
        }
        return field.isRepeated ? "repeated \(one)" : one
    }
}
