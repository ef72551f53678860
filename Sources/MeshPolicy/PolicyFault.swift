import Timebase

/// What is wrong with a policy, and where: `services[course].retry.retries: 9 is not in 0...5`.
public struct PolicyFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The names that lead to the value, as they stand in the document.
    public var path: String
    /// One sentence for the person who wrote it, lower case.
    public var problem: String

    public init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    public var description: String { path.isEmpty ? problem : "\(path): \(problem)" }
}

/// Reads the parts of a policy one after the other, and notes what is wrong with each: one run shows all faults.
struct PolicyReader {
    private(set) var faults: [PolicyFault] = []
    private var path: [String] = []

    /// Reads a part that lies under `name`.
    mutating func within<Value>(_ name: String, _ read: (inout PolicyReader) -> Value) -> Value {
        path.append(name)
        let value = read(&self)
        path.removeLast()
        return value
    }

    mutating func fault(_ name: String, _ problem: String) {
        let place = (path + (name.isEmpty ? [] : [name])).joined(separator: ".")
        faults.append(PolicyFault(path: place, problem: problem))
    }

    /// A duration as contracts write it; nil if nothing is said, or it cannot be read.
    mutating func duration(_ text: String, _ name: String) -> Duration? {
        guard !text.isEmpty else { return nil }
        if let duration = Duration(text: text), duration > .zero { return duration }
        fault(name, "'\(text)' is not a duration such as 800ms, 2s or 1m30s")
        return nil
    }

    mutating func count(_ value: UInt32?, _ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value else { return nil }
        if range.contains(Int(value)) { return Int(value) }
        fault(name, "\(value) is not in \(range.lowerBound)...\(range.upperBound)")
        return nil
    }

    /// A share of 1 out of percents.
    mutating func share(_ percent: Double?, _ name: String) -> Double? {
        guard let percent else { return nil }
        if (0...100).contains(percent) { return percent / 100 }
        fault(name, "\(percent) is not a percentage from 0 to 100")
        return nil
    }
}
