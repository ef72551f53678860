import ProtoSyntax

/// What an extension range promises of one of its extensions (descriptor.proto, `ExtensionRangeOptions.Declaration`).
struct ExtensionDeclaration {
    let number: Int64
    let fullName: String
    let type: String
    let isReserved: Bool
    let isRepeated: Bool

    init(_ value: MessageValue) {
        number = Int64(truncatingIfNeeded: value.varint(1) ?? 0)
        fullName = ExtensionDeclaration.text(value, 2)
        type = ExtensionDeclaration.text(value, 3)
        isReserved = value.varint(5) == 1
        isRepeated = value.varint(6) == 1
    }

    private static func text(_ value: MessageValue, _ number: Int32) -> String {
        if case .bytes(let bytes)? = value.slots[number]?.values.last { return String(decoding: bytes, as: UTF8.self) }
        return ""
    }
}

/// What a message promises of its extensions, by number. Made once for each extended message: there may be thousands of both.
struct ExtensionPromises {
    private let ranges: RangeIndex
    private var declared: [Int64: ExtensionDeclaration] = [:]
    /// The beginnings of ranges in which every extension must be declared.
    private var complete: Set<Int64> = []

    init(of message: MessageDraft, in file: Draft) {
        ranges = RangeIndex(message.extensionRanges)
        for range in message.extensionRanges {
            let (list, isComplete) = ExtensionPromises.declarations(of: range, in: file)
            if isComplete { complete.insert(range.start) }
            for each in list where declared[each.number] == nil { declared[each.number] = each }
        }
    }

    /// The range that demands a declaration of the number, and the declaration if there is one.
    func demand(for number: Int32) -> (range: RangeDraft, declaration: ExtensionDeclaration?)? {
        guard let range = ranges.range(with: number), complete.contains(range.start) else { return nil }
        return (range, declared[Int64(number)])
    }

    /// The declarations of a range, and whether every extension in it must be declared.
    static func declarations(
        of range: RangeDraft, in file: Draft
    ) -> (list: [ExtensionDeclaration], areComplete: Bool) {
        guard let set = range.optionSet else { return ([], false) }
        let values = file.optionSets[set].values
        let list = (values.slots[2]?.values ?? []).compactMap { content -> ExtensionDeclaration? in
            if case .message(let value) = content { return ExtensionDeclaration(value) }
            return nil
        }
        return (list, !list.isEmpty || values.varint(3) == 0)
    }
}

extension Validator {
    /// Declarations make sense by themselves.
    func checkDeclarations(of message: MessageDraft, _ report: inout Report) {
        var names: Set<String> = []
        var numbers: Set<Int64> = []
        for range in message.extensionRanges {
            guard let set = range.optionSet else { continue }
            let options = file.optionSets[set]
            let (list, _) = ExtensionPromises.declarations(of: range, in: file)
            let place = options.written.first { $0.name.first?.text == "declaration" }?.span ?? range.span
            if !list.isEmpty, options.values.varint(3) == 1 {
                report.error(
                    .extensionDeclaration, "an unverified range has no use for declarations", at: place,
                    help: "leave `verification` out")
            }
            for each in list {
                for fault in faults(of: each, in: range, &names, &numbers) {
                    report.error(.extensionDeclaration, fault, at: place)
                }
            }
        }
    }

    private func faults(
        of each: ExtensionDeclaration, in range: RangeDraft, _ names: inout Set<String>, _ numbers: inout Set<Int64>
    ) -> [String] {
        var faults: [String] = []
        if each.number < range.start || each.number >= range.end {
            faults.append("the declared number \(each.number) is not in the range")
        }
        if !numbers.insert(each.number).inserted { faults.append("number \(each.number) is declared twice") }
        if each.fullName.isEmpty != each.type.isEmpty || (each.fullName.isEmpty && !each.isReserved) {
            faults.append("the declaration of number \(each.number) needs both `full_name` and `type`")
            return faults
        }
        if each.fullName.isEmpty { return faults }
        if !each.fullName.hasPrefix(".") {
            faults.append("`\(each.fullName)` needs a point before it: it is a full name")
        }
        if !each.type.hasPrefix("."), ScalarType.named[each.type] == nil {
            faults.append("`\(each.type)` needs a point before it: it is a full name")
        }
        for name in [each.fullName, each.type] where name.hasPrefix(".") {
            let parts = name.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
            if !parts.allSatisfy(isIdentifier) { faults.append("`\(name)` is not a name") }
        }
        if !names.insert(each.fullName).inserted { faults.append("`\(each.fullName)` is declared twice") }
        return faults
    }

    private func isIdentifier(_ text: Substring) -> Bool {
        let isStart = text.utf8.first.map { $0 < 48 || $0 > 57 } ?? false
        return isStart
            && text.utf8.allSatisfy { ($0 | 32) >= 97 && ($0 | 32) <= 122 || $0 == 95 || ($0 >= 48 && $0 <= 57) }
    }

    /// An extension is as its range declares it.
    func checkDeclaration(of field: FieldDraft, _ report: inout Report) {
        guard let ref = field.extended, let number = field.number,
            let (range, declaration) = promises[ref]?.demand(for: number)
        else { return }
        let message = program.message(ref)
        let notes = [Diagnostic.Note("the range declares its extensions here", at: range.span)]
        guard let declared = declaration else {
            report.error(
                .extensionDeclaration, "`\(message.fullName)` does not declare an extension with number \(number)",
                at: field.numberSpan, notes: notes)
            return
        }
        var fault: String?
        if declared.isReserved {
            fault = "number \(number) is reserved"
        } else if declared.fullName != "." + field.fullName {
            fault = "number \(number) is declared for `\(declared.fullName)`, not `.\(field.fullName)`"
        } else if declared.type != typeText(of: field) {
            fault = "`\(field.name)` is declared as `\(declared.type)`, not `\(typeText(of: field))`"
        } else if declared.isRepeated != field.isRepeated {
            fault = "`\(field.name)` is declared as \(declared.isRepeated ? "repeated" : "not repeated")"
        }
        if let fault { report.error(.extensionDeclaration, fault, at: field.nameSpan, notes: notes) }
    }

    private func typeText(of field: FieldDraft) -> String {
        field.type.isScalar?.text ?? field.typeName
    }
}
