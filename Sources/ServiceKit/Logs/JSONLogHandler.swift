public import Logging
internal import Reactor
internal import Timebase

/// Writes each log event as one line of JSON: `{"ts":...,"level":...,"msg":...,"process":..., <metadata>}`.
///
/// A line is one `write` call, so that lines of several threads and processes on one file do not mix; it never waits for who
/// reads (`LogWriter`). Metadata keys stand beside the fixed ones, so that `request_id` is found under the same name in every
/// process.
public struct JSONLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    private let process: String
    private let writer: LogWriter

    /// - Parameters:
    ///   - process: what the lines name as their writer: `course`, `weft-sidecar/course`.
    ///   - descriptor: where lines go: 2 is standard error.
    public init(process: String, level: Logger.Level, descriptor: Int32 = 2) {
        self.process = process
        logLevel = level
        writer = descriptor == 2 ? .standardError : LogWriter(to: descriptor)
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var line = JSONText()
        line.open()
        line.member("ts", SystemClock.wall.rfc3339)
        line.member("level", event.level.rawValue)
        line.member("process", process)
        line.member("msg", event.message.description)
        var all = metadata
        if let more = event.metadata {
            all.merge(more) { _, new in new }
        }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line.member(key, value)
        }
        line.close()
        writer.write(line.bytes + [0x0A])
    }
}

extension Logger {
    /// A logger that writes JSON lines to standard error.
    public static func json(process: String, level: Logger.Level = .info) -> Logger {
        var logger = Logger(label: process) { _ in JSONLogHandler(process: process, level: level) }
        logger.logLevel = level
        return logger
    }
}

extension JSONText {
    fileprivate mutating func member(_ key: String, _ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): member(key, text)
        case .stringConvertible(let number as Int): member(key, number)
        case .stringConvertible(let number as Int64): member(key, Int(number))
        case .stringConvertible(let number as Double): member(key, number)
        case .stringConvertible(let truth as Bool): member(key, truth)
        default: member(key, value.description)
        }
    }
}
