import Bytes
import Glibc
import ProtoWire

/// Base64 as it streams: pieces cut anywhere, each part of the text padded or not where its sender flushed.
///
/// A group of four characters is the unit; what is left of a piece waits for the next one. The last group may be short.
struct Base64Stream {
    /// At most three characters.
    private var rest: [UInt8] = []
    private static let padding = UInt8(ascii: "=")

    /// The bytes of the next piece; nil if it is not base64. Padding may end any group, not only the last.
    mutating func decode(_ chunk: Chunk, end: Bool) -> Chunk? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity((chunk.count + rest.count) / 4 * 3 + 3)
        let isWhole = chunk.withUnsafeBytes { text in
            var index = 0
            if !rest.isEmpty {
                while rest.count < 4, index < text.count {
                    rest.append(text[index])
                    index += 1
                }
                guard rest.count == 4 else { return true }
                let group = rest
                rest = []
                guard group.withUnsafeBytes({ Base64Stream.append($0, to: &bytes) }) else { return false }
            }
            let whole = (text.count - index) / 4 * 4
            guard Base64Stream.append(UnsafeRawBufferPointer(rebasing: text[index..<index + whole]), to: &bytes) else {
                return false
            }
            rest = Array(text[(index + whole)...])
            return true
        }
        guard isWhole else { return nil }
        if end, !rest.isEmpty {
            let last = rest
            rest = []
            guard last.withUnsafeBytes({ Base64Stream.append($0, to: &bytes) }) else { return nil }
        }
        return bytes.withUnsafeBytes { Chunk(copying: $0) }
    }

    /// Decodes runs of groups; a run ends at a group with padding.
    private static func append(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) -> Bool {
        var start = 0
        while start < text.count {
            var end = text.count
            if let base = text.baseAddress, let found = memchr(base + start, Int32(padding), text.count - start) {
                let group = (base + start).distance(to: UnsafeRawPointer(found)) / 4
                end = min(start + group * 4 + 4, text.count)
            }
            let run = UnsafeRawBufferPointer(rebasing: text[start..<end])
            guard let decoded = Base64.decode(run) else { return false }
            bytes.append(contentsOf: decoded)
            start = end
        }
        return true
    }

    /// The padded text of a piece.
    static func encode(_ chunk: Chunk) -> Chunk {
        let capacity = Base64.encodedCount(chunk.count, padded: true)
        guard capacity > 0 else { return .empty }
        guard let memory = malloc(capacity) else { preconditionFailure("out of memory") }
        let count = chunk.withUnsafeBytes { bytes in
            Base64.encode(
                bytes, into: UnsafeMutableRawBufferPointer(start: memory, count: capacity), padded: true, urlSafe: false
            )
        }
        return Chunk(adopting: memory, capacity: capacity, start: 0, end: count)
    }
}
