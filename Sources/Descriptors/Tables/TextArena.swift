/// Memory for the names of a pool's tables: they lie one after the other in pieces that live as long as the process.
///
/// A contract has some names for each field, most of them short, and an allocation for each would take more than the
/// names do.
struct TextArena {
    /// So much is allocated at once.
    private static let pieceSize = 4096

    private var next = UnsafeMutablePointer<UInt8>.allocate(capacity: 0)
    private var left = 0

    /// Copies a name.
    mutating func text(_ string: String) -> Text {
        var string = string
        return string.withUTF8 { append($0) }
    }

    /// The key of a JSON object, `"name":`, and the name in it.
    mutating func key(_ name: String) -> (key: Text, name: Text) {
        var writer = JSONWriter(capacity: name.utf8.count + 3)
        var name = name
        let isText = name.withUTF8 { writer.quoted(UnsafeRawBufferPointer($0)) }
        guard isText else { preconditionFailure("a Swift string is UTF-8") }
        writer.append(UInt8(ascii: ":"))
        let key = append(writer.bytes.assumingMemoryBound(to: UInt8.self))
        // Unless the name needs an escape, it stands in the key as it is.
        let count = name.utf8.count
        return (key, key.count == count + 3 ? Text(start: key.start + 1, count: count) : text(name))
    }

    private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) -> Text {
        if bytes.count > left {
            left = max(TextArena.pieceSize, bytes.count)
            next = .allocate(capacity: left)
        }
        guard let source = bytes.baseAddress else { return Text(bytes) }
        next.initialize(from: source, count: bytes.count)
        defer {
            next += bytes.count
            left -= bytes.count
        }
        return Text(start: UnsafePointer(next), count: bytes.count)
    }
}
