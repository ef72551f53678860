/// Reads variables of an environment and notes what cannot be used. Empty ones are as if they were not set, as OpenTelemetry
/// wants it.
struct EnvironmentReader {
    private let environment: [String: String]
    private(set) var faults: [String] = []

    init(_ environment: [String: String]) {
        self.environment = environment
    }

    mutating func fault(_ name: String, _ problem: String) {
        faults.append("\(name): \(problem)")
    }

    func text(_ name: String) -> String? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        return text
    }

    /// The first of the names that is set.
    func first(_ names: String...) -> (key: String, value: String)? {
        for name in names {
            if let text = text(name) { return (name, text) }
        }
        return nil
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>, or standard: Int) -> Int {
        guard let text = text(name) else { return standard }
        return number((key: name, value: text), in: range, or: standard)
    }

    mutating func number(_ named: (key: String, value: String), in range: ClosedRange<Int>, or standard: Int) -> Int {
        guard let number = Int(named.value), range.contains(number) else {
            fault(named.key, "'\(named.value)' is no number from \(range.lowerBound) to \(range.upperBound)")
            return standard
        }
        return number
    }

    mutating func ratio(_ name: String, or standard: Double) -> Double {
        guard let text = text(name) else { return standard }
        guard let ratio = Double(text), (0...1).contains(ratio) else {
            fault(name, "'\(text)' is no number from 0 to 1")
            return standard
        }
        return ratio
    }

    /// `key=value,key=value`; values may be percent-encoded (W3C Baggage).
    mutating func pairs(_ named: (key: String, value: String)) -> [TraceSettings.Pair] {
        var pairs: [TraceSettings.Pair] = []
        for part in named.value.split(separator: ",") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = halves[0].trimmed
            guard halves.count == 2, !key.isEmpty else {
                fault(named.key, "'\(part)' is no KEY=VALUE")
                continue
            }
            pairs.append(TraceSettings.Pair(key: key, value: halves[1].trimmed.percentDecoded))
        }
        return pairs
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

extension String {
    fileprivate var percentDecoded: String {
        guard utf8.contains(UInt8(ascii: "%")) else { return self }
        let bytes = Array(utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let byte = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
            {
                result.append(byte)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
