#if hasFeature(Lifetimes)

/// A view of one message type: what generated `View` structs conform to.
///
/// A view is bytes and a promise about them: nothing is decoded or checked before a field is asked for, so a proxy that
/// needs one field of a large message pays for that field. Each question walks the message's top-level fields once.
public protocol MessageView: ~Escapable {
    var wireView: WireView { @_lifetime(copy self) get }

    @_lifetime(copy wireView)
    init(_ wireView: WireView)
}

/// The fields of a message in its binary form, found where they lie.
///
/// It lives as long as the bytes: the compiler sees to that. Fields with a known number and another wire type are
/// passed over, as decoding does. Of a scalar that comes more than once the last one counts; a sub-message that comes
/// more than once would have to be merged, which a view cannot do, so that is refused.
public struct WireView: ~Escapable {
    public let bytes: RawSpan

    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    /// A number, an enum or a boolean; nil if it is absent.
    ///
    /// - Parameter rivals: The other members of the field's oneof: one that comes later takes the field's place.
    @inlinable
    public func scalar<Coding: ScalarCoding>(
        _ number: UInt32, _: Coding.Type, rivals: [UInt32] = []
    ) throws(DecodeError) -> Coding.Value? {
        guard let place = try last(number << 3 | Coding.wireType, rivals, isMessage: false) else { return nil }
        return try WireView.value(bytes.extracting(place), Coding.self)
    }

    /// A text, checked; nil if it is absent.
    @_lifetime(copy self)
    public func string(_ number: UInt32, rivals: [UInt32] = []) throws(DecodeError) -> UTF8Span? {
        guard let place = try last(number << 3 | 2, rivals, isMessage: false) else { return nil }
        return try WireView.text(bytes.extracting(place), at: place.lowerBound)
    }

    /// Bytes; nil if they are absent.
    @_lifetime(copy self)
    public func bytes(_ number: UInt32, rivals: [UInt32] = []) throws(DecodeError) -> RawSpan? {
        guard let place = try last(number << 3 | 2, rivals, isMessage: false) else { return nil }
        return bytes.extracting(place)
    }

    /// A sub-message; nil if it is absent.
    @_lifetime(copy self)
    public func message(_ number: UInt32, rivals: [UInt32] = []) throws(DecodeError) -> WireView? {
        guard let place = try last(number << 3 | 2, rivals, isMessage: true) else { return nil }
        return WireView(bytes.extracting(place))
    }

    /// A sub-message in the group form; nil if it is absent.
    @_lifetime(copy self)
    public func group(_ number: UInt32, rivals: [UInt32] = []) throws(DecodeError) -> WireView? {
        guard let place = try last(number << 3 | 3, rivals, isMessage: true) else { return nil }
        return WireView(bytes.extracting(place))
    }

    /// The values of a repeated field, one after the other.
    @_lifetime(copy self)
    public func all(_ number: UInt32) -> WireViewCursor {
        WireViewCursor(bytes, number)
    }

    /// Where the last value with this tag lies: without its length, if it has one.
    @usableFromInline
    func last(_ tag: UInt32, _ rivals: [UInt32], isMessage: Bool) throws(DecodeError) -> Range<Int>? {
        var found: Range<Int>?
        var failure: DecodeError?
        let hasRivals = !rivals.isEmpty
        bytes.withUnsafeBytes { memory in
            var reader = WireReader(memory)
            do throws(DecodeError) {
                while let next = try reader.nextTag() {
                    if next == tag {
                        if isMessage, found != nil { throw reader.failure(.splitMessage) }
                        found = try reader.place(tag)
                        continue
                    }
                    if next & 7 == 2 {
                        _ = try reader.rawBytes()
                    } else {
                        try reader.skip(next)
                    }
                    if hasRivals, rivals.contains(next >> 3) { found = nil }
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return found
    }

    @_lifetime(copy bytes)
    static func text(_ bytes: RawSpan, at offset: Int) throws(DecodeError) -> UTF8Span {
        if bytes.withUnsafeBytes(UTF8Text.isASCII) {
            return UTF8Span(unchecked: Span<UInt8>(_bytes: bytes), isKnownASCII: true)
        }
        do {
            return try UTF8Span(validating: Span<UInt8>(_bytes: bytes))
        } catch {
            throw DecodeError(.invalidUTF8, at: offset)
        }
    }

    @inlinable
    static func value<Coding: ScalarCoding>(_ bytes: RawSpan, _: Coding.Type) throws(DecodeError) -> Coding.Value {
        var value = Coding.initial
        var failure: DecodeError?
        bytes.withUnsafeBytes { memory in
            var reader = WireReader(memory)
            do throws(DecodeError) {
                value = try Coding.read(from: &reader)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return value
    }
}

/// Walks over the values of a repeated field.
public struct WireViewCursor: ~Escapable {
    let bytes: RawSpan
    let number: UInt32
    /// Where the next field starts.
    var offset = 0
    /// Where the current packed field ends, while values of it are left.
    var packedEnd = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, _ number: UInt32) {
        self.bytes = bytes
        self.number = number
    }

    /// The next text; nil after the last one.
    @_lifetime(copy self)
    public mutating func nextString() throws(DecodeError) -> UTF8Span? {
        guard let place = try next(2) else { return nil }
        return try WireView.text(bytes.extracting(place), at: place.lowerBound)
    }

    /// The next bytes; nil after the last ones.
    @_lifetime(copy self)
    public mutating func nextBytes() throws(DecodeError) -> RawSpan? {
        guard let place = try next(2) else { return nil }
        return bytes.extracting(place)
    }

    /// The next sub-message, or entry of a map with its key as field 1 and its value as field 2.
    @_lifetime(copy self)
    public mutating func nextMessage() throws(DecodeError) -> WireView? {
        guard let place = try next(2) else { return nil }
        return WireView(bytes.extracting(place))
    }

    /// The next sub-message in the group form.
    @_lifetime(copy self)
    public mutating func nextGroup() throws(DecodeError) -> WireView? {
        guard let place = try next(3) else { return nil }
        return WireView(bytes.extracting(place))
    }

    /// The next number, packed or not; nil after the last one.
    public mutating func nextScalar<Coding: ScalarCoding>(_: Coding.Type) throws(DecodeError) -> Coding.Value? {
        while offset >= packedEnd {
            guard let (place, wireType) = try next(Coding.wireType, or: 2) else { return nil }
            if wireType != 2 { return try WireView.value(bytes.extracting(place), Coding.self) }
            offset = place.lowerBound
            packedEnd = place.upperBound
        }
        var value = Coding.initial
        var failure: DecodeError?
        let rest = bytes.extracting(offset..<packedEnd)
        var size = 0
        rest.withUnsafeBytes { memory in
            var reader = WireReader(memory)
            do throws(DecodeError) {
                value = try Coding.read(from: &reader)
                size = reader.offset
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        offset += size
        return value
    }

    private mutating func next(_ wireType: UInt32) throws(DecodeError) -> Range<Int>? {
        try next(wireType, or: wireType)?.place
    }

    private mutating func next(
        _ wireType: UInt32, or other: UInt32
    ) throws(DecodeError) -> (place: Range<Int>, wireType: UInt32)? {
        var found: (Range<Int>, UInt32)?
        var failure: DecodeError?
        let start = offset
        var size = 0
        bytes.extracting(start..<bytes.byteCount).withUnsafeBytes { memory in
            var reader = WireReader(memory)
            do throws(DecodeError) {
                while found == nil, let tag = try reader.nextTag() {
                    if tag == number << 3 | wireType || tag == number << 3 | other {
                        let place = try reader.place(tag)
                        found = (place.lowerBound + start..<place.upperBound + start, tag & 7)
                    } else {
                        try reader.skip(tag)
                    }
                }
                size = reader.offset
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        offset += size
        return found
    }
}

extension WireReader {
    /// Passes over a value and says where it lies, without its length or the tags of a group.
    mutating func place(_ tag: UInt32) throws(DecodeError) -> Range<Int> {
        switch tag & 7 {
        case 2:
            let count = try rawBytes().count
            return offset - count..<offset
        case 3:
            let start = offset
            let count = try groupBytes(tag).count
            return start..<start + count
        default:
            let start = offset
            try skip(tag)
            return start..<offset
        }
    }
}

#endif
