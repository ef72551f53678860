extension Duration {
    /// A single number in a duration's text: a number of hours of this size still fits into 64 bits of nanoseconds.
    private static let largestNumber: Int64 = 1_000_000

    /// Reads a duration as people write it in contracts, configuration and commands: `800ms`, `2s`, `1m30s`, `1h`.
    ///
    /// Nil if the text is not a duration: no number, an unknown unit, a sign, or a number that no timeout needs.
    public init?(text: String) {
        var rest = Substring(text)
        var total: Duration = .zero
        guard !rest.isEmpty, text.utf8.count <= 64 else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let tail = rest.dropFirst(digits.count)
            let unit = tail.prefix { $0.isASCII && $0.isLetter }
            rest = tail.dropFirst(unit.count)
            guard let number = Int64(digits), let length = Duration.unit(unit) else { return nil }
            guard length < .seconds(60) ? number <= 1_000_000_000 : number <= Self.largestNumber else { return nil }
            total += length * number
        }
        self = total
    }

    private static func unit(_ name: Substring) -> Duration? {
        switch name {
        case "us": .microseconds(1)
        case "ms": .milliseconds(1)
        case "s": .seconds(1)
        case "m": .seconds(60)
        case "h": .seconds(3600)
        default: nil
        }
    }
}
