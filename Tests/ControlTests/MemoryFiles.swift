import Logging
@testable import ServiceKit
import Synchronization

/// Files that are there as long as the test is.
final class MemoryFiles: FileStore {
    private let contents = Mutex<[String: [UInt8]]>([:])
    private let isFull = Mutex(false)

    subscript(path: String) -> [UInt8]? {
        get { contents.withLock { $0[path] } }
        set { contents.withLock { $0[path] = newValue } }
    }

    /// From now on the disk has no room.
    func fill() { isFull.withLock { $0 = true } }

    func read(_ path: String, limit: Int) throws(Files.Fault) -> [UInt8] {
        guard let bytes = self[path] else { throw Files.Fault(path: path, action: "open", code: 2) }
        return bytes
    }

    func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(Files.Fault) {
        if isFull.withLock({ $0 }) { throw Files.Fault(path: path, action: "write", code: 28) }
        self[path] = bytes
    }

    func makeFolder(_ path: String) throws(Files.Fault) {}
    func exists(_ path: String) -> Bool { self[path] != nil }
    func list(_ path: String) -> [String] { [] }
}

/// What was logged, one line an entry.
final class LogBook: Sendable {
    private let all = Mutex<[String]>([])
    var lines: [String] { all.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }

    private struct Handler: LogHandler {
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
            book.all.withLock { $0.append("\(event.level) \(event.message) \(fields)") }
        }
    }
}
