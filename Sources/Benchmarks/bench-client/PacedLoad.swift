import BenchAPI
import ProtoWire
import RPC
import Reactor

/// Calls at a fixed rate, each measured from the time at which it was to begin.
///
/// A client that waits for one answer before it asks again measures a stall once, where it hit everybody who came meanwhile
/// ("coordinated omission"). Here calls begin when they are due, and one that begins late is late.
struct PacedLoad: Sendable {
    /// More calls than this under way are not begun, and count as failed: the peer is far behind, and memory has an end.
    private static let mostUnderWay = 20_000

    private let plan: Plan
    private let echoes: [Bench.EchoClient]
    private let message: Bench.Msg
    private let loop: Loop

    init(_ plan: Plan, _ echoes: [Bench.EchoClient], on loop: Loop) throws {
        self.plan = plan
        self.echoes = echoes
        self.loop = loop
        var message = Bench.Msg()
        message.payload = [UInt8](repeating: 0x61, count: plan.bytes)
        message.id = "id"
        message.n = 7
        self.message = message
    }

    @discardableResult
    func run(for time: Duration) async throws -> Latencies {
        let latencies = Latencies(rate: plan.concurrency)
        let interval = Int64(1_000_000_000 / plan.concurrency)
        let count = Int(time.components.seconds) * plan.concurrency
        let ticks = try Ticks(every: interval, on: loop)
        defer { ticks.stop() }
        try await withThrowingDiscardingTaskGroup { group in
            for number in 0..<count {
                let due = ticks.start + Int64(number) * interval
                while ticks.now < due { await ticks.next() }
                guard latencies.underWay < Self.mostUnderWay else {
                    latencies.failed += 1
                    continue
                }
                latencies.underWay += 1
                let echo = echoes[number % echoes.count]
                group.addTask(executorPreference: loop) { [message] in
                    do {
                        _ = try await echo.unary(message)
                        latencies.took(ticks.now - due)
                    } catch {
                        latencies.failed += 1
                    }
                    latencies.underWay -= 1
                }
            }
        }
        return latencies
    }
}

/// What calls took, in nanoseconds.
final class Latencies: @unchecked Sendable {  // touched on the client's loop alone
    private let rate: Int
    private var all: [Int64] = []
    var underWay = 0
    var failed = 0

    init(rate: Int) {
        self.rate = rate
    }

    func took(_ time: Int64) { all.append(time) }

    /// The line that `.ci/bench_proxies.py` reads.
    var line: String {
        let sorted = all.sorted()
        let at = { (part: Double) -> Double in
            sorted.isEmpty ? 0 : Double(sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))]) / 1000
        }
        return """
            {"rate": \(rate), "messages": \(all.count), "failed": \(failed), "p50_us": \(at(0.5)), "p99_us": \(at(0.99)), \
            "p999_us": \(at(0.999)), "max_us": \(at(1))}
            """
    }
}
