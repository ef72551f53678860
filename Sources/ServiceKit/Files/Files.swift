internal import Glibc

/// Small files read and written whole, without Foundation.
public enum Files {
    public struct Fault: Error, Sendable, CustomStringConvertible {
        public let path: String
        public let action: String
        public let code: Int32

        package init(path: String, action: String, code: Int32) {
            self.path = path
            self.action = action
            self.code = code
        }

        public var description: String { "cannot \(action) \(path): \(String(cString: strerror(code)))" }
    }

    /// Reads a file of at most `limit` bytes.
    public static func read(_ path: String, limit: Int = 16 << 20) throws(Fault) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(path: path, action: "open", code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &block, block.count)
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw Fault(path: path, action: "read", code: errno)
            }
            guard bytes.count + count <= limit else { throw Fault(path: path, action: "read", code: EFBIG) }
            bytes.append(contentsOf: block[..<count])
        }
    }

    public static func readText(_ path: String, limit: Int = 16 << 20) throws(Fault) -> String {
        String(decoding: try read(path, limit: limit), as: UTF8.self)
    }

    /// Writes a file so that a reader sees the old content or the new, never a part, after a loss of power too: through a
    /// neighbour, `fsync` and `rename`.
    public static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(Fault) {
        let neighbour = path + ".new"
        unlink(neighbour)
        let descriptor = open(neighbour, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Fault(path: neighbour, action: "create", code: errno) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let code = errno
                close(descriptor)
                throw Fault(path: neighbour, action: "write", code: code)
            }
            rest = rest.dropFirst(count)
        }
        // Without it the name may reach the disk before the content, and the content never.
        guard fsync(descriptor) == 0 else {
            let code = errno
            close(descriptor)
            throw Fault(path: neighbour, action: "write", code: code)
        }
        guard close(descriptor) == 0, rename(neighbour, path) == 0 else {
            throw Fault(path: path, action: "replace", code: errno)
        }
    }

    /// Makes a folder and those above it, if they are not there.
    public static func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(Fault) {
        var partial = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            partial += (partial.isEmpty || partial.hasSuffix("/") ? "" : "/") + part
            if mkdir(partial, mode) != 0 && errno != EEXIST {
                throw Fault(path: partial, action: "make the folder", code: errno)
            }
        }
    }

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The names in a folder; none if it cannot be read.
    public static func list(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." {
                names.append(name)
            }
        }
        return names
    }
}
