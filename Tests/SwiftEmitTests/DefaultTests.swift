import ProtoWire
import Testing

private typealias Defaults = GoldensLegacy.Defaults

/// What proto2 and editions say that an absent field means.
@Suite struct DefaultTests {
    @Test func anAbsentFieldIsNilAndItsDefaultIsAsked() {
        let empty = Defaults()
        #expect(empty.low == nil && empty.text == nil && empty.encoded().isEmpty)
        #expect(empty.lowOrDefault == .min && empty.highOrDefault == .max)
        #expect(empty.ratioOrDefault == 0 && empty.ratioOrDefault.sign == .minus)
        #expect(empty.farOrDefault == -.infinity && empty.oddOrDefault.isNaN && empty.smallOrDefault == 1.5e-9)
        #expect(empty.yesOrDefault && empty.colorOrDefault == .infrared && empty.numberOrDefault == 7)
        #expect(empty.textOrDefault == "a\"\\\n\u{1}\u{2028}é")
        #expect(empty.dataOrDefault == [0, 0xFE, 0x27, 0x22, 0x0A, 0x5C, 0x3F, 0x61])
        #expect(empty.inOrDefault_ == "keyword", "the contract's own names come first")
    }

    @Test func aFieldThatIsThereIsItself() {
        var message = Defaults()
        (message.low, message.yes, message.text, message.choice) = (0, false, "", .number(0))
        #expect(message.lowOrDefault == 0 && !message.yesOrDefault && message.textOrDefault.isEmpty)
        #expect(message.numberOrDefault == 0)
        message.choice = .word("another member")
        #expect(message.numberOrDefault == 7)
    }
}
