#if hasFeature(Lifetimes)
import ProtoWire
import Testing

/// Views are asked about bytes that were written field by field, so that each row shows what the bytes are.
struct MessageViewTests {
    /// Fields in the order given, which is the order in the bytes.
    private static func message(_ fields: ((inout WireWriter) -> Void)...) -> [UInt8] {
        var writer = WireWriter()
        for field in fields.reversed() { field(&writer) }
        return writer.array()
    }

    @Test("the last value of a scalar counts")
    func lastWins() throws {
        let bytes = Self.message({ $0.int32(7, tag: 8) }, { $0.string("between", tag: 18) }, { $0.int32(-1, tag: 8) })
        let view = WireView(bytes.span.bytes)
        #expect(try view.scalar(1, ProtoInt32.self) == -1)
        #expect(try view.scalar(3, ProtoInt32.self) == nil)
        guard let text = try view.string(2) else {
            Issue.record("the text is there")
            return
        }
        #expect(String(copying: text) == "between")
    }

    @Test("a field with another wire type is passed over")
    func otherWireType() throws {
        let bytes = Self.message({ $0.int32(7, tag: 8) }, { $0.string("text", tag: 10) })
        #expect(try WireView(bytes.span.bytes).scalar(1, ProtoInt32.self) == 7)
    }

    @Test("a later member of a oneof takes the place of an earlier one")
    func oneof() throws {
        let bytes = Self.message({ $0.int32(7, tag: 8) }, { $0.bool(true, tag: 16) })
        let view = WireView(bytes.span.bytes)
        #expect(try view.scalar(1, ProtoInt32.self, rivals: [2]) == nil)
        #expect(try view.scalar(2, ProtoBool.self, rivals: [1]) == true)
    }

    @Test("a sub-message is a view, and one in two pieces is refused")
    func subMessage() throws {
        let inner = Self.message({ $0.int64(5, tag: 8) })
        let whole = Self.message({ $0.bytes(inner, tag: 10) })
        let view = WireView(whole.span.bytes)
        guard let part = try view.message(1) else {
            Issue.record("the sub-message is there")
            return
        }
        #expect(try part.scalar(1, ProtoInt64.self) == 5)
        let split = whole + whole
        let error = #expect(throws: DecodeError.self) {
            _ = try WireView(split.span.bytes).message(1) == nil
        }
        #expect(error?.kind == .splitMessage)
    }

    @Test("repeated numbers are walked, packed or not")
    func repeatedNumbers() throws {
        let bytes = Self.message(
            { $0.packed([1, 300], tag: 10, ProtoInt32.self) }, { $0.string("between", tag: 18) },
            { $0.int32(-1, tag: 8) }, { $0.packed([], tag: 10, ProtoInt32.self) },
            { $0.packed([4], tag: 10, ProtoInt32.self) })
        let view = WireView(bytes.span.bytes)
        var cursor = view.all(1)
        var values: [Int32] = []
        while let value = try cursor.nextScalar(ProtoInt32.self) { values.append(value) }
        #expect(values == [1, 300, -1, 4])
    }

    @Test("repeated texts and messages are walked")
    func repeatedTexts() throws {
        let bytes = Self.message(
            { $0.string("one", tag: 10) }, { $0.int32(1, tag: 16) }, { $0.string("zwei \u{fc}", tag: 10) })
        let view = WireView(bytes.span.bytes)
        var cursor = view.all(1)
        var texts: [String] = []
        while let text = try cursor.nextString() { texts.append(String(copying: text)) }
        #expect(texts == ["one", "zwei \u{fc}"])
        var pieces = view.all(1)
        var sizes: [Int] = []
        while let piece = try pieces.nextBytes() { sizes.append(piece.byteCount) }
        #expect(sizes == [3, 7])
    }

    @Test("bad bytes are an error and not a value", arguments: [[0x0A], [0x0A, 5, 1], [0x08, 0xFF], [0x00], [0x0C]])
    func bad(_ bytes: [UInt8]) {
        #expect(throws: DecodeError.self) { _ = try WireView(bytes.span.bytes).scalar(1, ProtoInt32.self) }
    }

    @Test("a text that is not UTF-8 is refused when it is asked for, and not before")
    func notText() throws {
        let bytes: [UInt8] = [0x0A, 2, 0xC3, 0x28, 0x10, 1]
        let view = WireView(bytes.span.bytes)
        #expect(try view.scalar(2, ProtoInt32.self) == 1)
        #expect(throws: DecodeError.self) { _ = try WireView(bytes.span.bytes).string(1) == nil }
    }
}
#endif
