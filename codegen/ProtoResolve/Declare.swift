import ProtoSyntax

/// Enters every declaration of the file by its full name, and lays them out in the flat lists of a draft.
func declare(_ file: LoadedFile, in program: inout Program, _ report: inout Report) -> Draft {
    var declarer = Declarer(file, program, report)
    (program, report) = (Program(), Report())  // The declarer holds the only copies while it writes.
    declarer.declareFile()
    program = declarer.program
    report = declarer.report
    return declarer.draft
}

struct Declarer {
    var draft: Draft
    var program: Program
    var report: Report
    let file: Int

    /// protoc's limits, without which a name of a million parts would take a million lists of names.
    private static let longestPackage = 511
    private static let deepestPackage = 101

    init(_ loaded: LoadedFile, _ program: Program, _ report: Report) {
        draft = Draft(
            tree: loaded.tree, isBuiltIn: loaded.isBuiltIn, brokenImports: loaded.brokenImports,
            package: loaded.tree.package?.name ?? "")
        self.program = program
        self.report = report
        file = program.nextIndex
    }

    mutating func declareFile() {
        let tree = draft.tree
        draft.features = Features(dialect: tree.dialect)
        declarePackage(tree)
        draft.optionSet = options(.file, scope: draft.package, path: [8])
        for item in tree.items {
            switch item {
            case .package, .importFile:
                break
            case .option(let option):
                draft.optionSets[draft.optionSet].add(option)
            case .message(let message):
                draft.topMessages.append(
                    declare(message, in: draft.package, parent: nil, path: [4, Int32(draft.topMessages.count)]))
            case .enumeration(let enumeration):
                draft.topEnums.append(
                    declare(enumeration, in: draft.package, parent: nil, path: [5, Int32(draft.topEnums.count)]))
            case .service(let service):
                declare(service)
            case .extend(let extend):
                declare(extend, in: draft.package, parent: nil)
            }
        }
    }

    private mutating func declarePackage(_ tree: FileSyntax) {
        guard let package = tree.package else { return }
        var parts = package.name.split(separator: ".")
        let isTooLong = package.name.utf8.count > Declarer.longestPackage
        if isTooLong || parts.count > Declarer.deepestPackage {
            report.error(
                .nestedTooDeep, isTooLong ? "the name of the package is too long" : "the package has too many parts",
                at: package.nameSpan,
                help: "it may have \(Declarer.longestPackage) bytes and \(Declarer.deepestPackage) parts")
            return
        }
        while !parts.isEmpty {
            let name = parts.joined(separator: ".")
            if let earlier = program.symbol(name) {
                report.error(
                    .duplicateName, "`\(name)` cannot be a package: it is \(earlier.kind.text)", at: package.nameSpan,
                    notes: [.init("declared here", at: earlier.span)])
            }
            parts.removeLast()
        }
        program.enterPackage(package.name, file: file)
    }

    // MARK: - Names

    mutating func enter(_ fullName: String, _ kind: Symbol.Kind, _ index: Int, at span: Span) {
        if program.packageExists(fullName) {
            report.error(.duplicateName, "`\(fullName)` is a package already", at: span)
            return
        }
        guard let earlier = program.enter(fullName, Symbol(kind: kind, file: file, index: index, span: span))
        else { return }
        let short = fullName.split(separator: ".").last.map(String.init) ?? fullName
        var notes = [Diagnostic.Note("first declared here, as \(earlier.kind.text)", at: earlier.span)]
        var help: String?
        if kind == .enumValue || earlier.kind == .enumValue {
            notes.append(
                .init("the values of an enum are its siblings, not its children: they share the scope around the enum"))
            help = "put the name of the enum before it: `KIND_\(short)`"
        }
        let isHere = earlier.file == file
        report.error(
            .duplicateName, isHere ? "`\(short)` is declared twice" : "`\(fullName)` is declared in two files",
            at: span,
            notes: notes, help: help)
    }

    mutating func options(_ target: OptionTarget, scope: String, path: [Int32], _ written: [OptionSyntax] = []) -> Int {
        draft.optionSets.append(
            OptionSet(target: target, scope: scope, path: path, written: written, paths: written.map { _ in nil }))
        return draft.optionSets.count - 1
    }

    // MARK: - Enums and services

    mutating func declare(_ syntax: EnumSyntax, in scope: String, parent: Int?, path: [Int32]) -> Int {
        let fullName = joined(scope, syntax.name.text)
        let index = draft.enums.count
        enter(fullName, .enumeration, index, at: syntax.name.span)
        let set = options(.enumeration, scope: scope, path: path + [3])
        draft.enums.append(
            EnumDraft(
                name: syntax.name.text, fullName: fullName, nameSpan: syntax.name.span, parent: parent, path: path,
                visibility: syntax.visibility, optionSet: set))
        for item in syntax.items {
            switch item {
            case .option(let option):
                draft.optionSets[set].add(option)
            case .reserved(let reserved):
                draft.enums[index].reservedNames += reserved.names
                draft.enums[index].reservedRanges += reserved.ranges.map { range in
                    RangeDraft(start: Int64(range.first), end: Int64(range.last ?? .max), span: range.span)
                }
            case .value(let value):
                let position = draft.enums[index].values.count
                enter(joined(scope, value.name.text), .enumValue, index, at: value.name.span)
                let valueSet = options(
                    .enumValue, scope: scope, path: path + [2, Int32(position), 3], value.options?.options ?? [])
                draft.enums[index].values.append(
                    EnumValueDraft(
                        name: value.name.text, nameSpan: value.name.span, number: value.number,
                        numberSpan: value.numberSpan, optionSet: valueSet))
            }
        }
        return index
    }

    private mutating func declare(_ syntax: ServiceSyntax) {
        let fullName = joined(draft.package, syntax.name.text)
        let index = draft.services.count
        let path: [Int32] = [6, Int32(index)]
        enter(fullName, .service, index, at: syntax.name.span)
        let set = options(.service, scope: draft.package, path: path + [3])
        var service = ServiceDraft(
            name: syntax.name.text, nameSpan: syntax.name.span, fullName: fullName, optionSet: set)
        for item in syntax.items {
            switch item {
            case .option(let option):
                draft.optionSets[set].add(option)
            case .method(let method):
                let methodName = joined(fullName, method.name.text)
                enter(methodName, .method, index, at: method.name.span)
                let methodSet = options(
                    .method, scope: fullName, path: path + [2, Int32(service.methods.count), 4], method.options ?? [])
                service.methods.append(MethodDraft(syntax: method, fullName: methodName, optionSet: methodSet))
            }
        }
        draft.services.append(service)
    }
}

extension OptionSet {
    mutating func add(_ option: OptionSyntax) {
        written.append(option)
        paths.append(nil)
    }
}
