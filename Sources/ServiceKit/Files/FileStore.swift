/// Files as a process sees them: the system's, or those of a simulated machine.
package protocol FileStore: Sendable {
    func read(_ path: String, limit: Int) throws(Files.Fault) -> [UInt8]
    /// A reader sees the old content or the new, never a part.
    func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(Files.Fault)
    func makeFolder(_ path: String) throws(Files.Fault)
    func exists(_ path: String) -> Bool
    /// The names in a folder; none if it cannot be read.
    func list(_ path: String) -> [String]
}

extension FileStore {
    package func read(_ path: String) throws(Files.Fault) -> [UInt8] { try read(path, limit: 16 << 20) }

    package func readText(_ path: String) throws(Files.Fault) -> String {
        String(decoding: try read(path), as: UTF8.self)
    }
}

/// The files of this machine.
package struct SystemFiles: FileStore {
    package init() {}

    package func read(_ path: String, limit: Int) throws(Files.Fault) -> [UInt8] {
        try Files.read(path, limit: limit)
    }

    package func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(Files.Fault) {
        try Files.write(bytes, to: path, mode: mode)
    }

    package func makeFolder(_ path: String) throws(Files.Fault) { try Files.makeFolder(path) }
    package func exists(_ path: String) -> Bool { Files.exists(path) }
    package func list(_ path: String) -> [String] { Files.list(path) }
}
