import ProtoWire
import Testing

private typealias Everything = GoldensEverythingV1.Everything

/// What generated code does with bytes that nobody else has to see.
@Suite struct GeneratedCodeTests {
    @Test func anEmptyMessageHasNoBytes() throws {
        #expect(Everything().encoded() == [])
        #expect(try Everything(decoding: [UInt8]()) == Everything())
    }

    /// Minus zero equals zero and is yet another value.
    @Test func minusZeroIsNotTheDefault() throws {
        var message = Everything()
        (message.exact, message.ratio) = (-0.0, -0.0)
        #expect(message.encoded() == [0x5D, 0, 0, 0, 0x80, 0x61, 0, 0, 0, 0, 0, 0, 0, 0x80])
        #expect(try Everything(decoding: message.encoded()).exact.sign == .minus)
    }

    @Test func aOneofsMessageIsMergedAndItsOthersReplaced() throws {
        var first = Everything()
        first.content = .spot(point(1, 0))
        var second = Everything()
        second.content = .spot(point(0, 2))
        #expect(try Everything(decoding: first.encoded() + second.encoded()).content == .spot(point(1, 2)))
        second.content = .textContent("last")
        #expect(try Everything(decoding: first.encoded() + second.encoded()).content == .textContent("last"))
    }

    @Test func numbersAreReadPackedAndNot() throws {
        // ints (31) unpacked, loose (37) packed: the other way round than the contract has them.
        let message = try Everything(decoding: [0xF8, 0x01, 1, 0xF8, 0x01, 2, 0xAA, 0x02, 2, 3, 4])
        #expect(message.ints == [1, 2] && message.loose == [3, 4])
    }

    @Test func aLaterContractsFieldsSurvive() throws {
        var message = Everything()
        message.text = "kept"
        let later: [UInt8] = message.encoded() + [0x98, 0x06, 42]  // field 99, a varint
        let read = try Everything(decoding: later)
        #expect(read.text == "kept" && read.encoded() == later)
    }

    private func point(_ x: Double, _ y: Double) -> Everything.Point {
        var point = Everything.Point()
        (point.x, point.y) = (x, y)
        return point
    }
}
