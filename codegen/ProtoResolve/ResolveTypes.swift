import ProtoSyntax

/// Finds the message or enum behind every type that is written by name.
func resolveTypes(_ draft: inout Draft, in program: Program, _ report: inout Report) {
    for index in draft.fields.indices {
        resolveExtendee(of: index, &draft, program, &report)
        resolveType(of: index, &draft, program, &report)
    }
    for service in draft.services.indices {
        for method in draft.services[service].methods.indices {
            let syntax = draft.services[service].methods[method].syntax
            let scope = draft.services[service].fullName
            let input = find(syntax.input.name, from: scope, .message, &draft, program, &report)
            let output = find(syntax.output.name, from: scope, .message, &draft, program, &report)
            draft.services[service].methods[method].input = input?.symbol.ref
            draft.services[service].methods[method].output = output?.symbol.ref
            draft.services[service].methods[method].inputName = input.map { "." + $0.fullName } ?? ""
            draft.services[service].methods[method].outputName = output.map { "." + $0.fullName } ?? ""
        }
    }
}

private func resolveExtendee(
    of index: Int, _ draft: inout Draft, _ program: Program, _ report: inout Report
) {
    guard let extendee = draft.fields[index].extendee else { return }
    let scope = draft.fields[index].scope
    guard let (symbol, fullName) = find(extendee, from: scope, .message, &draft, program, &report) else { return }
    draft.fields[index].extended = symbol.ref
    draft.fields[index].extendedName = "." + fullName
}

private func resolveType(of index: Int, _ draft: inout Draft, _ program: Program, _ report: inout Report) {
    switch draft.fields[index].written {
    case .scalar(let scalar, _):
        draft.fields[index].type = .scalar(scalar)
    case .group, .map:
        break  // They brought their message along.
    case .named(let name):
        // A field is looked up from within its message, an extension from where `extend` stands.
        let scope = draft.fields[index].scope
        guard let (symbol, fullName) = find(name, from: scope, nil, &draft, program, &report) else { return }
        draft.fields[index].type = symbol.kind == .message ? .message(symbol.ref) : .enumeration(symbol.ref)
        draft.fields[index].typeName = "." + fullName
    }
}

/// The type behind the name, or `nil` and a report that says why it is not found.
private func find(
    _ name: Identifier, from scope: String, _ wanted: Symbol.Kind?, _ draft: inout Draft, _ program: Program,
    _ report: inout Report
) -> (symbol: Symbol, fullName: String)? {
    // For a field, what is no type is passed over; for requests, replies and extended messages protoc takes what is nearest.
    let looked = program.look(up: name.text, from: scope, seenFrom: draft.visibleFiles) { wanted != nil || $0.isType }
    switch looked {
    case .found(let symbol, let fullName):
        draft.use(symbol.file)
        guard symbol.kind.isType, wanted == nil || wanted == symbol.kind else {
            report.error(
                .wrongKind, "`\(name.text)` is \(symbol.kind.text), not \(wanted?.text ?? "a type")", at: name.span,
                notes: [.init("declared here", at: symbol.span)],
                help: outerType(name, from: scope, draft, program).map {
                    "to mean the type farther out, write `.\($0)`"
                })
            return nil
        }
        return (symbol, fullName)
    case .trapped(let inner):
        reportTrap(name, in: inner, draft, program, &report)
    case .missing:
        reportMissing(name, from: scope, wanted, draft, program, &report)
    }
    return nil
}

/// The full name of the type that would be found if nothing else had its name.
private func outerType(_ name: Identifier, from scope: String, _ draft: Draft, _ program: Program) -> String? {
    let looked = program.look(up: name.text, from: scope, seenFrom: draft.visibleFiles) { $0.isType }
    guard case .found(let symbol, let fullName) = looked, symbol.kind == .message else { return nil }
    return fullName
}

/// The name is there, farther out, but an inner scope has its first part.
private func reportTrap(
    _ name: Identifier, in inner: String, _ draft: Draft, _ program: Program, _ report: inout Report
) {
    let first = name.text.prefix { $0 != "." }
    guard !report.isFull else { return reportPlainly(name, &report) }
    let outer = program.symbol(name.text, seenFrom: draft.visibleFiles)
    guard let outer else {
        guard draft.brokenImports.isEmpty else { return }
        let rest = name.text.dropFirst(first.count + 1)
        let siblings = program.names(seenFrom: draft.visibleFiles) { $0.isType }.compactMap { full in
            full.hasPrefix(inner + ".") ? String(full.dropFirst(inner.count + 1)) : nil
        }
        report.error(
            .unknownType, "cannot find type `\(name.text)`", at: name.span, label: "`\(inner)` has no `\(rest)`",
            help: nearest(to: String(rest), among: siblings).map { "did you mean `\(first).\($0)`?" })
        return
    }
    report.error(
        .hiddenByScope,
        "`\(name.text)` means `\(inner).\(name.text.dropFirst(first.count + 1))` here, which does not exist",
        at: name.span,
        notes: [
            .init("the innermost scope that has the first part of the name wins: `\(inner)` hides what is farther out"),
            .init("this one is hidden", at: outer.span),
        ],
        help: "write `.\(name.text)`: a point at the beginning names from the root",
        fixes: [.init("write `.\(name.text)`", replacing: name.span, with: ".\(name.text)")])
}

private func reportMissing(
    _ name: Identifier, from scope: String, _ wanted: Symbol.Kind?, _ draft: Draft, _ program: Program,
    _ report: inout Report
) {
    guard !report.isFull else { return reportPlainly(name, &report) }
    let fits: (Symbol.Kind) -> Bool = { kind in wanted.map { $0 == kind } ?? kind.isType }
    let plain = name.text.hasPrefix(".") ? String(name.text.dropFirst()) : name.text
    if let (fullName, symbol) = program.elsewhere(plain, where: fits), !draft.visibleFiles.contains(symbol.file) {
        let path = program.files[symbol.file].name
        guard !draft.optionFiles.contains(symbol.file) else {
            reportOptionOnly(name, fullName, symbol, draft, &report)
            return
        }
        report.error(
            .notImported, "`\(name.text)` is declared in `\(path)`, which is not imported", at: name.span,
            notes: [.init("`\(fullName)` is declared here", at: symbol.span)], help: "add `import \"\(path)\";`",
            fixes: draft.importing(path))
        return
    }
    if wanted == .message, ScalarType.named[plain] != nil {
        report.error(
            .wrongKind, "`\(plain)` is not a message", at: name.span,
            help: "declare a message with a field of this type")
        return
    }
    let any = program.look(up: name.text, from: scope, seenFrom: draft.visibleFiles) { _ in true }
    if case .found(let symbol, _) = any {
        report.error(
            .wrongKind, "`\(name.text)` is \(symbol.kind.text), not \(wanted?.text ?? "a type")", at: name.span,
            notes: [.init("declared here", at: symbol.span)])
        return
    }
    // It may well be in the file that could not be read.
    guard draft.brokenImports.isEmpty else { return }
    let suggested = suggestion(for: plain, from: scope, fits, draft, program)
    report.error(
        .unknownType, "cannot find \(wanted == .message ? "message" : "type") `\(name.text)`", at: name.span,
        label: scope.isEmpty ? "not found in the file" : "not found in `\(scope)` or around it",
        help: suggested.map { $0.isGuess ? "did you mean `\($0.text)`?" : "write `\($0.text)`" },
        fixes: suggested.map { [.init("write `\($0.text)`", replacing: name.span, with: $0.text)] } ?? [])
}

/// The file of the name is imported, but for its options alone.
private func reportOptionOnly(
    _ name: Identifier, _ fullName: String, _ symbol: Symbol, _ draft: Draft, _ report: inout Report
) {
    let statement = draft.importedBy[symbol.file].map { draft.tree.imports[$0] }
    var notes = [Diagnostic.Note("`\(fullName)` is declared here", at: symbol.span)]
    if let statement { notes.append(.init("its file is imported for options alone", at: statement.span)) }
    report.error(
        .onlyForOptions, "`\(name.text)` is of a file that is imported for its options alone", at: name.span,
        notes: notes, help: "import the file without `option`, before the imports that have it")
}

/// The search for what was meant reads every name there is: not for faults that nobody will see.
private func reportPlainly(_ name: Identifier, _ report: inout Report) {
    report.error(.unknownType, "cannot find type `\(name.text)`", at: name.span)
}

private func suggestion(
    for name: String, from scope: String, _ fits: (Symbol.Kind) -> Bool, _ draft: Draft, _ program: Program
) -> (text: String, isGuess: Bool)? {
    let visible = program.names(seenFrom: draft.visibleFiles, where: fits)
    if let (fullName, _) = program.elsewhere(name, where: fits) { return (fullName, true) }
    if let scalar = familiarType(name) { return (scalar, false) }
    // As the author would write them from here: without the scopes that are around anyway.
    let shorter = visible.map { full -> String in
        var around = Substring(scope)
        while !around.isEmpty {
            if full.hasPrefix(around + ".") { return String(full.dropFirst(around.count + 1)) }
            around = around.lastIndex(of: ".").map { around[..<$0] } ?? ""
        }
        return full
    }
    let candidates = shorter + ScalarType.allCases.map(\.text)
    return nearest(to: name, among: candidates).map { ($0, true) }
}

/// What other languages call the scalar types.
private func familiarType(_ name: String) -> String? {
    switch name {
    case "int", "integer", "Int", "i32", "Int32": "int32"
    case "long", "i64", "Int64": "int64"
    case "uint", "u32", "UInt32": "uint32"
    case "u64", "ulong", "UInt64": "uint64"
    case "str", "text": "string"
    case "boolean", "Bool", "Boolean": "bool"
    case "f64", "Double", "real", "number": "double"
    case "f32", "Float": "float"
    case "byte", "blob", "binary", "Data": "bytes"
    default: nil
    }
}
