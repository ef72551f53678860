import Glibc
package import ServiceKit

/// The disk of a simulated machine: it outlives the processes on it.
package final class MemoryFiles: FileStore, @unchecked Sendable {  // a simulation stays on one thread
    private var contents: [String: [UInt8]] = [:]
    /// Writing fails, as on a full disk.
    package var isFull = false

    package init() {}

    package func read(_ path: String, limit: Int) throws(Files.Fault) -> [UInt8] {
        guard let bytes = contents[path] else { throw Files.Fault(path: path, action: "open", code: ENOENT) }
        guard bytes.count <= limit else { throw Files.Fault(path: path, action: "read", code: EFBIG) }
        return bytes
    }

    package func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(Files.Fault) {
        if isFull { throw Files.Fault(path: path, action: "write", code: ENOSPC) }
        contents[path] = bytes
    }

    package func makeFolder(_ path: String) throws(Files.Fault) {}
    package func exists(_ path: String) -> Bool { contents[path] != nil }

    package func list(_ path: String) -> [String] {
        let prefix = path + "/"
        return contents.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
    }

    func write(_ text: String, to path: String) { contents[path] = Array(text.utf8) }
}
