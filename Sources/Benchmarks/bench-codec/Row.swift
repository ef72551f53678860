import Synchronization

/// One measured operation.
struct Row {
    let workload: String
    let operation: Operation
    let time: Timing
    let size: Int

    var text: String {
        let rate = Int(Double(size) * 1000 / time.least)
        return "\(padded(workload, 8)) \(padded(operation.rawValue, 16)) \(padded("\(rounded)", 10)) ns  "
            + "\(rate) MB/s of \(size) bytes"
    }

    /// Rounded to a tenth: less is noise.
    private var rounded: Double { (time.least * 10).rounded() / 10 }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// Nanoseconds of an operation.
struct Timing {
    /// The least of many short samples, because everything else that runs only adds time.
    let least: Double
    let median: Double

    init(_ step: () throws -> Void) rethrows {
        let clock = ContinuousClock()
        var rounds = 1
        // A sample of a millisecond is long for the clock and short for the scheduler.
        while try clock.measure({ for _ in 0..<rounds { try step() } }) < .milliseconds(1) { rounds *= 2 }
        var samples: [Double] = []
        for _ in 0..<25 {
            let spent = try clock.measure { for _ in 0..<rounds { try step() } }.components
            samples.append((Double(spent.seconds) * 1e9 + Double(spent.attoseconds) / 1e9) / Double(rounds))
        }
        samples.sort()
        least = samples[0]
        median = samples[samples.count / 2]
    }
}

/// Keeps a value from being optimised away. Its address leaves the optimiser's sight; a call that is generic at run time
/// would cost more than some of what is measured.
@inline(__always)
func use<Value: ~Copyable>(_ value: borrowing Value) {
    withUnsafePointer(to: value) { lastUsed.store(UInt(bitPattern: $0), ordering: .relaxed) }
}

private let lastUsed = Atomic<UInt>(0)
