/// Reads protobuf's binary format from memory, forwards.
///
/// A generated `merge` is a loop over `nextTag()` with a `switch`: each arm reads one value. The reader checks what
/// foreign bytes may break: lengths, varints, nesting, UTF-8. It borrows the memory, so it must not outlive it. Source:
/// protobuf.dev, "Encoding".
public struct WireReader {
    /// How deep messages may lie in each other: the limit of every official implementation, which keeps the stack
    /// small.
    public static let maximumDepth = 100

    /// The next byte to read.
    @usableFromInline var next: UnsafeRawPointer
    /// Where the current message ends.
    @usableFromInline var end: UnsafeRawPointer
    /// Where the outermost message starts, for the offsets of errors.
    @usableFromInline let start: UnsafeRawPointer
    /// Where the memory ends.
    @usableFromInline let limit: UnsafeRawPointer
    /// Whether strings of up to 15 bytes can be put together here; asked once a message, not once a string.
    @usableFromInline let knowsShortStrings: Bool
    /// How many more levels may be entered.
    @usableFromInline var levelsLeft: Int
    /// The end-group tag that closes the current group, or 0 outside of groups and after that tag.
    @usableFromInline var openGroup: UInt32 = 0

    public init(_ bytes: UnsafeRawBufferPointer, depth: Int = WireReader.maximumDepth) {
        start = bytes.baseAddress ?? WireReader.nowhere
        next = start
        end = start + bytes.count
        limit = end
        knowsShortStrings = UTF8Text.Form.isKnown
        levelsLeft = depth
    }

    /// A reader for whoever takes text where it lies, as transcoding does: it asks nothing about strings, so it costs
    /// less to make. It makes strings too, only more slowly.
    @inlinable
    public init(inPlace bytes: UnsafeRawBufferPointer, depth: Int = WireReader.maximumDepth) {
        start = bytes.baseAddress ?? WireReader.nowhere
        next = start
        end = start + bytes.count
        limit = end
        knowsShortStrings = false
        levelsLeft = depth
    }

    /// What an empty buffer points at.
    @usableFromInline static var nowhere: UnsafeRawPointer { UnsafeRawPointer(StaticString("").utf8Start) }

    /// True at the end of the current message.
    @inlinable public var isAtEnd: Bool { next == end }

    /// Counts from the first byte of the outermost message.
    @inlinable public var offset: Int { next - start }

    @usableFromInline
    func failure(_ kind: DecodeError.Kind) -> DecodeError {
        DecodeError(kind, at: next - start)
    }

    /// The next field's tag (`number << 3 | wire type`), or nil at the end of the message.
    ///
    /// Tags that no arm of the caller's `switch` knows go to `unknown`, which also refuses the impossible ones.
    @inlinable @inline(__always)
    public mutating func nextTag() throws(DecodeError) -> UInt32? {
        guard next != end else { return nil }
        let first = next.load(as: UInt8.self)
        if first < 0x80 {
            next += 1
            return UInt32(first)
        }
        return try longTag()
    }

    @usableFromInline
    mutating func longTag() throws(DecodeError) -> UInt32 {
        var tag: UInt64 = 0
        var position = next
        for shift in stride(from: UInt64(0), to: 35, by: 7) {
            guard position < end else { throw failure(.truncated) }
            let byte = position.load(as: UInt8.self)
            position += 1
            tag |= UInt64(byte & 0x7F) << shift
            guard byte >= 0x80 else {
                guard tag <= UInt64(UInt32.max) else { break }
                next = position
                return UInt32(tag)
            }
        }
        throw failure(.invalidTag)
    }

    /// Goes on to the next value of a repeated field, if that follows at once.
    @inlinable @inline(__always)
    mutating func takeTag(_ tag: UInt32) -> Bool {
        if tag < 0x80 {
            guard next < end, next.load(as: UInt8.self) == UInt8(truncatingIfNeeded: tag) else { return false }
            next += 1
            return true
        }
        return takeLongTag(tag)
    }

    @usableFromInline
    mutating func takeLongTag(_ tag: UInt32) -> Bool {
        var position = next
        var rest = tag
        while true {
            guard position < end else { return false }
            let byte = UInt8(truncatingIfNeeded: rest & 0x7F) | (rest >= 0x80 ? 0x80 : 0)
            guard position.load(as: UInt8.self) == byte else { return false }
            position += 1
            rest >>= 7
            if rest == 0 { break }
        }
        next = position
        return true
    }
}
