import ProtoSyntax

/// What protobuf allows as the number of a field (protobuf.dev, "Assigning Field Numbers").
enum FieldNumber {
    /// 2^29 - 1: a tag has 32 bits, and three of them are the wire type.
    static let largest: Int32 = 536_870_911
    /// Kept back for implementations of protobuf.
    static let implementation: ClosedRange<Int32> = 19_000...19_999
}

/// Checks the numbers and reserved names of fields, ranges and enum values.
func number(_ draft: inout Draft, in program: inout Program, _ report: inout Report) {
    for index in draft.messages.indices {
        let message = draft.messages[index]
        guard !message.isMapEntry else { continue }
        checkRanges(of: message, &report)
        checkFields(of: message, draft, &report)
    }
    for enumeration in draft.enums {
        checkReserved(of: enumeration, &report)
    }
    for index in draft.fields.indices where draft.fields[index].isExtension {
        checkExtension(index, draft, &program, &report)
    }
}

// MARK: - Ranges

private func checkRanges(of message: MessageDraft, _ report: inout Report) {
    for range in message.extensionRanges + message.reservedRanges {
        if range.start >= range.end {
            report.error(.emptyRange, "the range ends before it begins", at: range.span)
        } else if range.start < 1 {
            report.error(.numberOutOfRange, "field numbers begin at 1", at: range.span)
        } else if range.end > Int64(Int32.max) {
            report.error(.numberOutOfRange, "the number is too large", at: range.span)
        }
    }
    // In a message set the numbers are the ids of types, which are no tags.
    for range in message.extensionRanges where !message.isMessageSet && range.end - 1 > FieldNumber.largest {
        report.error(
            .numberOutOfRange, "the number is too large", at: range.span, help: "the largest is \(FieldNumber.largest)")
    }
    checkOverlap(message.reservedRanges, "reserved", message.reservedRanges, "reserved", &report)
    checkOverlap(message.extensionRanges, "an extension range", message.extensionRanges, "an extension range", &report)
    checkOverlap(message.extensionRanges, "an extension range", message.reservedRanges, "reserved", &report)
    checkNames(message.reservedNames, &report)
}

/// Reports ranges of the one list that meet ranges of the other; for one list given twice, each pair once.
///
/// Sorted, so that ten thousand ranges are no trouble; one clash for each range is enough news.
private func checkOverlap(
    _ left: [RangeDraft], _ leftName: String, _ right: [RangeDraft], _ rightName: String, _ report: inout Report
) {
    let isOneList = leftName == rightName
    let all = (left.map { ($0, true) } + (isOneList ? [] : right.map { ($0, false) }))
        .sorted { ($0.0.start, $0.0.span.start) < ($1.0.start, $1.0.span.start) }
    var reaching: [Bool: RangeDraft] = [:]
    for (range, isLeft) in all {
        if let earlier = reaching[isOneList ? isLeft : !isLeft], earlier.end > range.start {
            let (first, second) = earlier.span.start < range.span.start ? (earlier, range) : (range, earlier)
            report.error(
                .overlappingRanges, "the ranges have numbers in common", at: second.span,
                notes: [.init("the other one is \(isOneList == isLeft ? leftName : rightName)", at: first.span)])
        }
        if range.end > reaching[isLeft]?.end ?? .min { reaching[isLeft] = range }
    }
}

private func checkNames(_ names: [Identifier], _ report: inout Report) {
    var first: [String: Identifier] = [:]
    for name in names {
        if let earlier = first[name.text] {
            report.error(
                .duplicateReservedName, "`\(name.text)` is reserved twice", at: name.span,
                notes: [.init("first here", at: earlier.span)])
        } else {
            first[name.text] = name
        }
        let isIdentifier =
            name.text.utf8.allSatisfy { ($0 | 0x20) >= 97 && ($0 | 0x20) <= 122 || $0 == 95 || ($0 >= 48 && $0 <= 57) }
            && !(name.text.utf8.first.map { $0 >= 48 && $0 <= 57 } ?? true)
        if !isIdentifier {
            report.warning(.reservedNameForm, "`\(name.text)` could not be the name of a field anyway", at: name.span)
        }
    }
}

// MARK: - Fields

private func checkFields(of message: MessageDraft, _ draft: Draft, _ report: inout Report) {
    let fields = message.fields.map { draft.fields[$0] }
    var byNumber: [Int32: FieldDraft] = [:]
    let names = Dictionary(message.reservedNames.map { ($0.text, $0) }) { first, _ in first }
    // Found once, and only if it is wanted.
    lazy var free = nextFree(in: message, draft)
    let reserved = RangeIndex(message.reservedRanges)
    let extensible = RangeIndex(message.extensionRanges)
    for field in fields {
        if let name = names[field.name] {
            report.error(
                .nameIsReserved, "the name `\(field.name)` is reserved", at: field.nameSpan,
                notes: [.init("reserved here", at: name.span)], help: "old data may use it: choose another name")
        }
        guard let number = field.number else { continue }
        if !checkNumber(number, of: field, &report) { continue }
        var renumbering: [Diagnostic.FixIt] {
            [.init("number it \(free)", replacing: field.numberSpan, with: String(free))]
        }
        if let earlier = byNumber[number] {
            report.error(
                .duplicateNumber, "number \(number) is used twice in `\(message.fullName)`", at: field.numberSpan,
                notes: [.init("`\(earlier.name)` has it already", at: earlier.numberSpan)],
                help: "the next free number is \(free)", fixes: renumbering)
        } else {
            byNumber[number] = field
        }
        if let range = reserved.range(with: number) {
            report.error(
                .numberIsReserved, "number \(number) is reserved", at: field.numberSpan,
                notes: [.init("reserved here", at: range.span)],
                help: "old data may use it: the next free number is \(free)", fixes: renumbering)
        }
        if let range = extensible.range(with: number) {
            report.error(
                .numberInExtensionRange, "number \(number) is for extensions", at: field.numberSpan,
                notes: [.init("set aside here", at: range.span)],
                help: "the next free number is \(free)", fixes: renumbering)
        }
    }
}

/// Ranges in order, so that ten thousand of them are as good as one.
struct RangeIndex {
    private let ranges: [RangeDraft]

    init(_ ranges: [RangeDraft]) {
        self.ranges = ranges.sorted { $0.start < $1.start }
    }

    /// A range that holds the number; ranges do not overlap, which is checked elsewhere.
    func range(with number: Int32) -> RangeDraft? {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].start <= Int64(number) { low = middle + 1 } else { high = middle }
        }
        guard low > 0, ranges[low - 1].contains(number) else { return nil }
        return ranges[low - 1]
    }
}

extension RangeDraft {
    func contains(_ number: Int32) -> Bool {
        start <= Int64(number) && Int64(number) < end
    }
}

/// Whether the number could belong to a field at all.
private func checkNumber(_ number: Int32, of field: FieldDraft, _ report: inout Report) -> Bool {
    if number < 1 {
        report.error(
            .numberOutOfRange, "field `\(field.name)` needs a positive number, not \(number)", at: field.numberSpan)
        return false
    }
    if number > FieldNumber.largest, !field.isExtension {
        report.error(
            .numberOutOfRange, "number \(number) is too large", at: field.numberSpan,
            help: "the largest is \(FieldNumber.largest)")
        return false
    }
    if FieldNumber.implementation.contains(number) {
        report.error(
            .numberOfImplementation, "the numbers from 19000 to 19999 belong to protobuf itself", at: field.numberSpan)
        return false
    }
    return true
}

private func nextFree(in message: MessageDraft, _ draft: Draft) -> Int64 {
    let numbers = message.fields.compactMap { draft.fields[$0].number }.filter { $0 > 0 && $0 < FieldNumber.largest }
    let used = Set(numbers.map(Int64.init))
    var candidate: Int64 = 1
    let ranges = (message.reservedRanges + message.extensionRanges).sorted { $0.start < $1.start }
    // Numbers grow, and so do the ranges: each is passed once.
    var next = 0
    while true {
        if next < ranges.count, ranges[next].start <= candidate {
            candidate = max(candidate, ranges[next].end)
            next += 1
        } else if candidate >= 19_000, candidate <= 19_999 {
            candidate = 20_000
        } else if used.contains(candidate) {
            candidate += 1
        } else {
            return candidate
        }
    }
}

// MARK: - Extensions

private func checkExtension(_ index: Int, _ draft: Draft, _ program: inout Program, _ report: inout Report) {
    let field = draft.fields[index]
    guard let number = field.number, let extended = field.extended else { return }
    let message = extended.file == program.nextIndex ? draft.messages[extended.index] : program.message(extended)
    guard checkNumber(number, of: field, &report) else { return }
    let symbol = Symbol(kind: .extensionField, file: program.nextIndex, index: index, span: field.numberSpan)
    if let earlier = program.extensionNumbers[extended, default: [:]][number] {
        // Files that do not know each other may both be right in their own programs.
        let severity: Diagnostic.Severity = earlier.file == symbol.file ? .error : .warning
        report.record(
            Diagnostic(
                severity, .duplicateExtension, "`\(message.fullName)` has an extension with number \(number) already",
                at: field.numberSpan, notes: [.init("taken here", at: earlier.span)]))
    } else {
        program.extensionNumbers[extended, default: [:]][number] = symbol
    }
    if !message.extensionRanges.contains(where: { $0.contains(number) }) {
        let ranges = message.extensionRanges.map { "\($0.start) to \($0.end - 1)" }.joined(separator: ", ")
        report.error(
            .notExtendable, "`\(message.fullName)` does not offer number \(number) for extensions",
            at: field.numberSpan,
            help: ranges.isEmpty ? "it has no `extensions` statement" : "it offers \(ranges)")
    }
}

// MARK: - Enums

private func checkReserved(of enumeration: EnumDraft, _ report: inout Report) {
    for range in enumeration.reservedRanges where range.start > range.end {
        report.error(.emptyRange, "the range ends before it begins", at: range.span)
    }
    // Their ends are included; for the comparison they must not be.
    let halfOpen = enumeration.reservedRanges.map { RangeDraft(start: $0.start, end: $0.end + 1, span: $0.span) }
    checkOverlap(halfOpen, "reserved", halfOpen, "reserved", &report)
    checkNames(enumeration.reservedNames, &report)
    let names = Dictionary(enumeration.reservedNames.map { ($0.text, $0) }) { first, _ in first }
    let reserved = RangeIndex(halfOpen)
    for value in enumeration.values {
        if let name = names[value.name] {
            report.error(
                .nameIsReserved, "the name `\(value.name)` is reserved", at: value.nameSpan,
                notes: [.init("reserved here", at: name.span)])
        }
        if let number = value.number, let range = reserved.range(with: number) {
            report.error(
                .numberIsReserved, "number \(number) is reserved", at: value.numberSpan,
                notes: [.init("reserved here", at: range.span)])
        }
    }
}
