import ProtoSyntax

/// Decides which files' names this one may use: its own, those of its imports, and what those import publicly, and so on.
func importNames(into draft: inout Draft, of program: Program, _ report: inout Report) {
    draft.visibleFiles = [program.nextIndex]
    draft.optionFiles = [program.nextIndex]
    var first: [String: ImportStatement] = [:]
    var optionOnly: ImportStatement?
    for (position, statement) in draft.tree.imports.enumerated() {
        if let earlier = first[statement.path] {
            report.error(
                .repeatedImport, "`\(statement.path)` is imported twice", at: statement.pathSpan,
                notes: [.init("first here", at: earlier.pathSpan)], help: "take one of the two out")
            continue
        }
        first[statement.path] = statement
        if statement.modifier == .optionOnly {
            optionOnly = statement
        } else if let earlier = optionOnly {
            report.error(
                .importOrder, "imports for options alone stand behind all others", at: statement.span,
                notes: [.init("one of them is here", at: earlier.span)])
        }
        guard let index = program.fileIndex[statement.path] else { continue }
        see(index, by: position, forOptionsAlone: statement.modifier == .optionOnly, in: &draft, of: program)
    }
}

private func see(
    _ index: Int, by position: Int, forOptionsAlone isOptionOnly: Bool, in draft: inout Draft, of program: Program
) {
    var open = [index]
    while let next = open.popLast() {
        // The nearest import is the one that is used: an own import counts more than a re-export.
        if next == index || draft.importedBy[next] == nil { draft.importedBy[next] = position }
        var isNew = draft.optionFiles.insert(next).inserted
        if !isOptionOnly { isNew = draft.visibleFiles.insert(next).inserted }
        guard isNew || next == index else { continue }
        let file = program.files[next]
        for statement in file.tree.imports where statement.modifier == .reexported {
            if let further = program.fileIndex[statement.path] { open.append(further) }
        }
    }
}

extension Draft {
    /// An import of the file behind the imports that are there, before those for options alone.
    func importing(_ path: String) -> [Diagnostic.FixIt] {
        let last = tree.imports.last { $0.modifier != .optionOnly }?.span ?? tree.package?.span ?? tree.syntax?.span
        guard let last else { return [] }
        return [.init("import it", replacing: last.after, with: "\nimport \"\(path)\";")]
    }

    /// Notes that a name of the file is used, so its import is.
    mutating func use(_ file: Int) {
        if let position = importedBy[file] { usedImports.insert(position) }
    }
}
