import ProtoWire
import Testing

private typealias Base = GoldensExtensions.Base
private typealias Part = GoldensExtensions.Part
private typealias Keys = GoldensExtensions

/// Extensions are typed keys to fields that their message does not know.
@Suite struct ExtensionTests {
    private static func part(_ text: String, _ numbers: Int32...) -> Part {
        var part = Part()
        (part.text, part.numbers) = (text, numbers)
        return part
    }

    private static func full() -> Base {
        var base = Base()
        base.own = 1
        (base[Keys.number], base[Keys.text], base[Keys.data]) = (5, "é", [0, 255])
        (base[Keys.ratio], base[Keys.yes], base[Keys.color], base[Keys.zigzag]) = (-0.5, false, .infrared, .min)
        (base[Keys.fixed], base[Keys.packedFixed], base[Keys.names]) = ([1, .max], [2, 3], ["", "b"])
        (base[Keys.colors], base[Keys.packedColors]) = ([.red, .green], [.infrablack])
        base[Keys.packedZigzags] = [.min, 0, 63, -64, .max]
        (base[Part.part], base[Part.parts]) = (part("in"), [Part(), part("b", 1, 2)])
        base[Keys.grouped] = Keys.Grouped()
        base[Keys.grouped]?.a = 3
        base[Keys.rows] = [1, 2].map { (b: Int32) in
            var row = Keys.Rows()
            row.b = b
            return row
        }
        var set = Keys.Set()
        set[Part.setPart] = part("set", 9)
        set[Keys.Other.other] = Keys.Other()
        set[Keys.Other.other]?.number = -1
        base[Keys.set] = set
        base[Keys.extensionsFile_] = 1
        base[Keys.in] = 2
        return base
    }

    static let json = #"""
        {"own": 1, "[goldens.extensions.number]": 5, "[goldens.extensions.text]": "é", "[goldens.extensions.data]": "AP8=",
        "[goldens.extensions.ratio]": -0.5, "[goldens.extensions.yes]": false, "[goldens.extensions.color]": "INFRARED",
        "[goldens.extensions.zigzag]": "-9223372036854775808", "[goldens.extensions.fixed]": [1, 4294967295],
        "[goldens.extensions.packed_fixed]": [2, 3], "[goldens.extensions.names]": ["", "b"],
        "[goldens.extensions.colors]": ["RED", "GREEN"], "[goldens.extensions.packed_colors]": ["INFRABLACK"],
        "[goldens.extensions.packed_zigzags]": [-2147483648, 0, 63, -64, 2147483647],
        "[goldens.extensions.Part.part]": {"text": "in"},
        "[goldens.extensions.Part.parts]": [{}, {"text": "b", "numbers": [1, 2]}],
        "[goldens.extensions.grouped]": {"a": 3}, "[goldens.extensions.rows]": [{"b": 1}, {"b": 2}],
        "[goldens.extensions.set]": {"[goldens.extensions.Part.set_part]": {"text": "set", "numbers": [9]},
        "[goldens.extensions.Other.other]": {"number": "-1"}},
        "[goldens.extensions.extensions_file]": 1, "[goldens.extensions.in]": 2}
        """#.split(separator: "\n").joined(separator: " ")

    private static func check(_ base: Base) {
        #expect(base[Keys.number] == 5 && base[Keys.text] == "é" && base[Keys.data] == [0, 255])
        #expect(base[Keys.ratio] == -0.5 && base[Keys.yes] == false && base[Keys.color] == .infrared)
        #expect(base[Keys.zigzag] == .min && base[Keys.fixed] == [1, .max] && base[Keys.packedFixed] == [2, 3])
        #expect(base[Keys.names] == ["", "b"] && base[Keys.colors] == [.red, .green])
        #expect(base[Keys.packedColors] == [.infrablack] && base[Keys.packedZigzags] == [.min, 0, 63, -64, .max])
        #expect(base[Part.part]?.text == "in" && base[Part.parts] == [Part(), part("b", 1, 2)])
        #expect(base[Keys.grouped]?.a == 3 && base[Keys.rows].map(\.b) == [1, 2])
        #expect(base[Keys.set]?[Part.setPart] == part("set", 9))
        #expect(base[Keys.set]?[Keys.Other.other]?.number == -1)
        #expect(base[Keys.extensionsFile_] == 1 && base[Keys.in] == 2)
    }

    @Test func whatIsSetIsThere() throws {
        let base = ExtensionTests.full()
        ExtensionTests.check(base)
        ExtensionTests.check(try Base(decoding: base.encoded()))
    }

    @Test(.enabled(if: PythonPeer.isThere, "the Python environment is made by `make setup`"))
    func pythonReadsWhatWeWriteAndBack() throws {
        let peer = try PythonPeer(knowing: [GoldensExtensions.extensionsFile])
        ExtensionTests.check(try Base(decoding: peer.make(Base.self, ExtensionTests.json)))
        let ours = try peer.again(ExtensionTests.full())
        #expect(try ours == peer.make(Base.self, ExtensionTests.json))
    }

    @Test func absentOnesAreNilAndMeanTheirDefaults() {
        let base = Base()
        #expect(base[Keys.number] == nil && !base.has(Keys.number) && base.valueOrDefault(of: Keys.number) == -7)
        #expect(base.valueOrDefault(of: Keys.text) == "none" && base.valueOrDefault(of: Keys.color) == .red)
        #expect(base.valueOrDefault(of: Part.part) == Part() && base[Part.parts].isEmpty)
        #expect(base.valueOrDefault(of: Keys.data) == [] && Keys.color.fullName == "goldens.extensions.color")
    }

    @Test func aValueTakesThePlaceOfTheOldOne() throws {
        // number (100), an unknown 50, number again, text (101)
        var base = try Base(decoding: [0xA0, 6, 1, 0x90, 3, 9, 0xA0, 6, 2, 0xAA, 6, 1, 0x61])
        #expect(base[Keys.number] == 2, "the last one counts")
        base[Keys.number] = 3
        #expect(base.encoded() == [0xA0, 6, 3, 0x90, 3, 9, 0xAA, 6, 1, 0x61])
        base[Keys.number] = nil
        #expect(base.encoded() == [0x90, 3, 9, 0xAA, 6, 1, 0x61] && !base.has(Keys.number))
        base.clear(Keys.text)
        base[Part.parts] = []
        #expect(base.encoded() == [0x90, 3, 9])
    }

    @Test func messagesAreMergedAndNumbersTakenInBothForms() throws {
        // part (150) twice, packed_fixed (111) unpacked, fixed (110) packed, colors (113) with a number that has no name
        let bytes: [UInt8] = [
            0xB2, 9, 3, 0x0A, 1, 0x61, 0xB2, 9, 2, 0x10, 5, 0xFD, 6, 1, 0, 0, 0, 0xF2, 6, 8, 2, 0, 0, 0, 3, 0, 0, 0,
            0x8A, 7, 3, 1, 9, 2,
        ]
        let base = try Base(decoding: bytes)
        #expect(base[Part.part] == ExtensionTests.part("a", 5))
        #expect(base[Keys.packedFixed] == [1] && base[Keys.fixed] == [2, 3] && base[Keys.colors] == [.red, .green])
        #expect(base.encoded() == bytes, "what is only read is not changed")
    }

    @Test func bytesThatAreNoValueAreAnErrorForWhoAsks() throws {
        let base = try Base(decoding: [0xAA, 6, 1, 0xFF, 0xB2, 9, 2, 0x0A, 5])
        #expect(base[Keys.text] == nil && base[Part.part] == nil)
        #expect(throws: DecodeError.self) { try base.value(of: Keys.text) }
        #expect(throws: DecodeError.self) { try base.value(of: Part.part) }
        // A varint where text should be is no value of the extension, and no error either.
        #expect(try Base(decoding: [0xA8, 6, 1]).value(of: Keys.text) == nil)
    }

    @Test func aMessageSetHasItems() throws {
        var set = Keys.Set()
        set[Part.setPart] = Part()
        #expect(set.encoded() == [0x0B, 0x10, 7, 0x1A, 0, 0x0C])
        // The type behind the message, another type, the message in two parts, and as a plain field.
        set = try Keys.Set(decoding: [
            0x0B, 0x1A, 3, 0x0A, 1, 0x61, 0x10, 7, 0x0C, 0x0B, 0x10, 99, 0x1A, 0, 0x0C, 0x0B, 0x10, 7, 0x1A, 2, 0x10, 1,
            0x1A, 2, 0x10, 2, 0x0C, 0x3A, 2, 0x10, 3,
        ])
        #expect(set[Part.setPart] == ExtensionTests.part("a", 1, 2, 3))
        set.clear(Part.setPart)
        #expect(set.encoded() == [0x0B, 0x10, 99, 0x1A, 0, 0x0C])
    }

    /// Text that the message's own file declares is checked when the message is read; `utf8_validation` says whether.
    @Test func textOfTheSameFileIsChecked() throws {
        let partial = DecodeOptions(allowsPartial: true)
        #expect(throws: DecodeError(.invalidUTF8, at: 2)) {
            try GoldensEdition.Featured(decoding: [0xA2, 6, 1, 0xFF], options: partial)
        }
        #expect(throws: Never.self) { try GoldensEdition.Featured(decoding: [0xAA, 6, 1, 0xFF], options: partial) }
        var message = try GoldensEdition.Featured(decoding: [0xA2, 6, 1, 0x61], options: partial)
        #expect(message[GoldensEdition.checked] == "a")
        message[GoldensEdition.packedByDefault] = [1, 2]
        message[GoldensEdition.delimitedExtension] = GoldensEdition.Featured()
        #expect(message.encoded() == [0xA2, 6, 1, 0x61, 0xB2, 6, 2, 1, 2, 0xBB, 6, 0xBC, 6])
    }
}
