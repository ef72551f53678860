internal import Logging
internal import ServiceKit

/// A file of the control plane's state, which knows whether it is whole.
///
///     weft-state 1 <hash of the content>\n<content>
///
/// It is replaced, never changed. What cannot be read is set aside under another name for people to look at, and what it
/// replaced stands in for it: a control plane that starts at all must not undo what operators said because a disk was full.
struct StateFile {
    let path: String
    let files: any FileStore
    let log: Logger

    private static let mark = "weft-state 1 "
    /// More than all policies or registrations of a mesh.
    private static let limit = 64 << 20

    private var previous: String { path + ".previous" }

    /// What was saved last; nil if nothing ever was.
    func load() -> [UInt8]? {
        if let content = read(path) { return content }
        guard files.exists(previous), let content = read(previous) else { return nil }
        log.error("the state before the last change is used", metadata: ["file": "\(previous)"])
        return content
    }

    private func read(_ path: String) -> [UInt8]? {
        guard files.exists(path) else { return nil }
        let bytes: [UInt8]
        do {
            bytes = try files.read(path, limit: Self.limit)
        } catch {
            log.error("a file of the state cannot be read", metadata: ["file": "\(path)", "error": "\(error)"])
            return nil
        }
        if let content = Self.content(of: bytes) { return content }
        let aside = path + ".corrupt"
        try? files.write(bytes, to: aside, mode: 0o600)
        log.error(
            "a file of the state is damaged and was set aside", metadata: ["file": "\(path)", "set_aside": "\(aside)"])
        return nil
    }

    /// Replaces the content, and keeps what stood there; false, and said in the log, if that cannot be done.
    func save(_ content: [UInt8]) -> Bool {
        do {
            if files.exists(path), let old = try? files.read(path, limit: Self.limit), Self.content(of: old) != nil {
                try files.write(old, to: previous, mode: 0o600)
            }
            let mark = Array((Self.mark + ContentHash.of(content) + "\n").utf8)
            try files.write(mark + content, to: path, mode: 0o600)
            return true
        } catch {
            log.error("the state cannot be kept", metadata: ["file": "\(path)", "error": "\(error)"])
            return false
        }
    }

    private static func content(of bytes: [UInt8]) -> [UInt8]? {
        let mark = Array(Self.mark.utf8)
        guard bytes.starts(with: mark), let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let content = Array(bytes[(end + 1)...])
        return Array(ContentHash.of(content).utf8) == Array(bytes[mark.count..<end]) ? content : nil
    }
}
