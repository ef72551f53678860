/// One measured number.
struct Row {
    let bench: String
    let subject: String
    let nanoseconds: Double
    let size: Int

    /// Rounded to a tenth: less is noise.
    private var rounded: Double { (nanoseconds * 10).rounded() / 10 }

    var json: String {
        "{\"bench\": \"codec-\(bench)\", \"subject\": \"\(subject)\", \"metric\": \"min\", "
            + "\"value\": \(rounded), \"unit\": \"ns/op\"}"
    }

    var text: String {
        let rate = Int(Double(size) * 1000 / nanoseconds)
        return
            "\(padded(bench, 8)) \(padded(subject, 14)) \(padded("\(rounded)", 10)) ns  \(rate) MB/s of \(size) bytes"
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// Times a step: the least of many short samples, because everything else that runs only adds time.
func nanoseconds(_ step: () -> Void) -> Double {
    let clock = ContinuousClock()
    var rounds = 1
    while true {
        let time = clock.measure { for _ in 0..<rounds { step() } }
        // A sample of a millisecond is long for the clock and short for the scheduler.
        if time > .milliseconds(1) { break }
        rounds *= 2
    }
    var least = Duration.seconds(60)
    for _ in 0..<41 {
        least = min(least, clock.measure { for _ in 0..<rounds { step() } })
    }
    return Double(least.components.attoseconds) / 1e9 / Double(rounds)
        + Double(least.components.seconds) * 1e9 / Double(rounds)
}

/// Keeps a value from being optimised away.
@inline(never)
func use<Value>(_ value: borrowing Value) {}
