extension Printer {
    /// An enum: a struct around the number, with a constant for each name.
    mutating func enumeration(_ model: SwiftEnum, _ words: Vocabulary, _ access: Access) {
        let number = words.swift("Int32")
        comment(model.comment)
        let conformance = words.wire(model.isClosed ? "ClosedProtoEnum" : "ProtoEnum")
        block("\(access.word)struct \(model.name): \(conformance) {") { printer in
            printer.line("\(access.word)let rawValue: \(number)", "")
            if access.isInlinable { printer.line("@inlinable") }
            printer.block("\(access.word)init(rawValue: \(number)) {") { $0.line("self.rawValue = rawValue") }
            if let first = model.values.first, first.number != 0 {
                printer.line("")
                if access.isInlinable { printer.line("@inlinable") }
                printer.block("\(access.word)init() {") { $0.line("rawValue = \(first.number)") }
            }
            if model.isClosed {
                printer.line("")
                printer.names(model, words, access)
            }
            if !model.values.isEmpty { printer.line("") }
            for value in model.values {
                printer.comment(value.comment)
                printer.line("\(access.word)static let \(value.name) = \(model.name)(rawValue: \(value.number))")
            }
        }
    }

    private mutating func names(_ model: SwiftEnum, _ words: Vocabulary, _ access: Access) {
        if access.isInlinable { line("@inlinable") }
        let head = "\(access.word)static func isNamed(_ number: \(words.swift("Int32"))) -> \(words.swift("Bool")) {"
        block(head) { printer in
            printer.line("switch number {")
            printer.line("case \(model.ranges.joined(separator: ", ")): true", "default: false", "}")
        }
    }
}

extension SwiftEnum {
    /// The numbers that have names, rising, neighbours as one range: `-1`, `1...3`.
    fileprivate var ranges: [String] {
        var ranges: [ClosedRange<Int32>] = []
        for number in Set(values.map(\.number)).sorted() {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map { range in
            // A bare minus behind the dots would be read as one operator with them.
            let upper = range.upperBound < 0 ? "(\(range.upperBound))" : "\(range.upperBound)"
            return range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)...\(upper)"
        }
    }
}
