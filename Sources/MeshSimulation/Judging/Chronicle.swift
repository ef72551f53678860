import Logging
import Simulation
import Synchronization
import Timebase

/// What happened in the mesh, in words: what its processes logged, what broke, how calls began and ended.
///
/// Its last lines are shown when a run fails. Every line goes into the digest of the simulation's trace.
final class Chronicle: @unchecked Sendable {  // a simulation stays on one thread
    /// What is shown of a run that failed: enough for the last second or two of a busy town.
    static let kept = 120

    private weak var simulation: Simulation?
    private var ring: [String] = []
    private var count = 0
    private let sink: ((String) -> Void)?
    /// Lines of processes below this level are left out.
    let level: Logger.Level

    init(of simulation: Simulation, level: Logger.Level, to sink: ((String) -> Void)?) {
        self.simulation = simulation
        self.level = level
        self.sink = sink
    }

    /// `12.034567 course-1: the breaker of an endpoint is open`
    func add(_ who: String, _ what: String) {
        guard let simulation else { return }
        let micros = simulation.now.nanoseconds / 1000
        let fraction = String(micros % 1_000_000)
        let line =
            "\(micros / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction) \(who): \(what)"
        simulation.note(line)
        if ring.count < Chronicle.kept { ring.append(line) } else { ring[count % Chronicle.kept] = line }
        count += 1
        sink?(line)
    }

    /// What comes from now on is not told.
    func close() { simulation = nil }

    /// The last lines, the oldest first.
    var tail: [String] {
        let start = count % max(ring.count, 1)
        return ring.count < Chronicle.kept ? ring : Array(ring[start...] + ring[..<start])
    }

    /// What a process logs.
    func log(of process: String) -> Logger {
        var logger = Logger(label: process) { ChronicleHandler($0, self) }
        logger.logLevel = level
        return logger
    }
}

/// Writes what a process logs into the chronicle, its metadata in order of their names.
private struct ChronicleHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let process: String
    private let chronicle: Chronicle

    init(_ process: String, _ chronicle: Chronicle) {
        self.process = process
        self.chronicle = chronicle
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = event.message.description
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value)" }
        chronicle.add(process, line)
    }
}
