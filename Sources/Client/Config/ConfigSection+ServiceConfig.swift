import Descriptors
import Exchange
import RPC
import Timebase

// The values that service_config.proto is made of, as ProtoJSON writes them.
extension ConfigSection {
    /// `1s`, `0.25s`: seconds with up to nine decimals (google.protobuf.Duration).
    func protobufDuration(_ name: String) -> Duration? {
        guard let text = text(name) else { return nil }
        let number = text.dropLast()
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard text.hasSuffix("s"), 1...2 ~= parts.count, let seconds = Self.digits(parts[0], atMost: 12),
            let fraction = parts.count == 1 ? 0 : Self.digits(parts[1], atMost: 9)
        else {
            fault(name, "'\(text)' is not a duration such as 1s or 0.25s")
            return nil
        }
        let scale = parts.count == 1 ? 9 : 9 - parts[1].count
        return .seconds(seconds) + .nanoseconds((0..<scale).reduce(fraction) { value, _ in value * 10 })
    }

    func requiredDuration(_ name: String) -> Duration? {
        guard has(name) else {
            fault(name, "it is missing")
            return nil
        }
        let duration = protobufDuration(name)
        if let duration, duration <= .zero { fault(name, "it must be more than 0s") }
        return duration
    }

    func positiveNumber(_ name: String) -> Double? {
        switch value(name) {
        case .number(let number)? where number > 0: return number
        case nil: fault(name, "it is missing")
        default: fault(name, "a number above 0 should stand here")
        }
        return nil
    }

    /// At least two, and no more than five count (gRFC A6).
    func attempts() -> Int? {
        guard has("maxAttempts") else {
            fault("maxAttempts", "it is missing")
            return nil
        }
        return count("maxAttempts", in: 2...Int(Int32.max)).map { min($0, AttemptPolicy.mostAttempts) }
    }

    /// Sizes are written as numbers or, being UInt32Values of ProtoJSON, as strings.
    func bytes(_ name: String) -> Int? {
        if case .string(let text)? = value(name) {
            if let number = UInt32(text) { return Int(number) }
            fault(name, "'\(text)' is not a number of bytes")
            return nil
        }
        return count(name, in: 0...Int(UInt32.max))
    }

    /// `["UNAVAILABLE", 14]`: by name or by number.
    func statuses(_ name: String) -> StatusSet? {
        guard has(name) else { return nil }
        var codes: [Int] = []
        for (index, element) in list(name).enumerated() {
            if let code = Self.status(element) {
                codes.append(code.rawValue)
            } else {
                fault("\(name)[\(index)]", "a status such as \"UNAVAILABLE\" or 14 should stand here")
            }
        }
        return StatusSet(codes)
    }

    /// Empty if it is not there.
    func optionalText(_ name: String) -> String {
        switch value(name) {
        case .string(let text)?: return text
        case nil: break
        case let other?: fault(name, "a string should stand here, not \(other.kind)")
        }
        return ""
    }

    private static func status(_ element: JSONTree) -> StatusCode? {
        switch element {
        case .number(let number): StatusCode.allCases.first { Double($0.rawValue) == number }
        case .string(let name): StatusCode.allCases.first { $0.name == name.uppercased() }
        case .null, .bool, .array, .object: nil
        }
    }

    private static func digits(_ text: Substring, atMost limit: Int) -> Int64? {
        guard 1...limit ~= text.utf8.count, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int64(text)
    }
}
