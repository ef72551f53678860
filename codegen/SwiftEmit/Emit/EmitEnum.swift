extension Printer {
    /// An open enum: a struct around the number, with a constant for each name.
    mutating func enumeration(_ model: SwiftEnum, _ words: Vocabulary, _ access: Access) {
        let number = words.swift("Int32")
        comment(model.comment)
        block("\(access.word)struct \(model.name): \(words.wire("ProtoEnum")) {") { printer in
            printer.line("\(access.word)let rawValue: \(number)", "")
            if access.isInlinable { printer.line("@inlinable") }
            printer.block("\(access.word)init(rawValue: \(number)) {") { $0.line("self.rawValue = rawValue") }
            if !model.values.isEmpty { printer.line("") }
            for value in model.values {
                printer.comment(value.comment)
                printer.line("\(access.word)static let \(value.name) = \(model.name)(rawValue: \(value.number))")
            }
        }
    }
}
