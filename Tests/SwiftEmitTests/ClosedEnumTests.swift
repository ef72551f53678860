import ProtoWire
import Testing

private typealias Old = GoldensLegacy.Old
private typealias Featured = GoldensEdition.Featured

private let partial = DecodeOptions(allowsPartial: true)

/// Numbers that a closed enum does not name are unknown fields, whole and in the bytes that they came in.
@Suite struct ClosedEnumTests {
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        /// What is left in the unknown fields.
        let unknown: [UInt8]

        init(_ rule: String, _ bytes: [UInt8], unknown: [UInt8]) {
            (testDescription, self.bytes, self.unknown) = (rule, bytes, unknown)
        }
    }

    static let cases = [
        Case("a singular number without a name", [0x20, 9], unknown: [0x20, 9]),
        Case("a long form stays long", [0x20, 0x89, 0x80, 0x00], unknown: [0x20, 0x89, 0x80, 0x00]),
        Case("zero has no name", [0x20, 0], unknown: [0x20, 0]),
        Case("a known value is kept", [0x20, 2, 0x20, 9], unknown: [0x20, 9]),
        Case("a known value comes later", [0x20, 9, 0x20, 2], unknown: [0x20, 9]),
        Case("repeated", [0x58, 1, 0x58, 9, 0x58, 2], unknown: [0x58, 9]),
        Case("repeated, in the packed form", [0x5A, 3, 1, 9, 2], unknown: [0x58, 9]),
        Case("packed: each is a field of its own", [0x62, 5, 9, 1, 0x89, 0x01, 2], unknown: [0x60, 9, 0x60, 0x89, 1]),
        Case("packed, not in the packed form", [0x60, 9, 0x60, 1], unknown: [0x60, 9]),
        Case(
            "a map's entry is kept whole", [0x6A, 5, 0x0A, 1, 0x61, 0x10, 9],
            unknown: [0x6A, 5, 0x0A, 1, 0x61, 0x10, 9]),
        Case("a map's entry with a name", [0x6A, 5, 0x0A, 1, 0x61, 0x10, 1], unknown: []),
        Case("a map's entry without a value", [0x6A, 3, 0x0A, 1, 0x61], unknown: []),
        Case("a member of a oneof", [0x70, 9], unknown: [0x70, 9]),
        Case("a oneof keeps what it has", [0x7A, 1, 0x61, 0x70, 9], unknown: [0x70, 9]),
        Case("a negative name", [0x20, 0xF9, 255, 255, 255, 255, 255, 255, 255, 255, 1], unknown: []),
        Case(
            "a negative number without a name", [0x20, 0xF7, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            unknown: [0x20, 0xF7, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
    ]

    @Test(arguments: cases)
    func aNumberWithoutANameIsAnUnknownField(_ row: Case) throws {
        #expect(try Old(decoding: row.bytes, options: partial).unknownFields.bytes == row.unknown)
    }

    @Test(.enabled(if: PythonPeer.isThere, "the Python environment is made by `make setup`"))
    func pythonAgrees() throws {
        let peer = try PythonPeer(knowing: [GoldensEdition.editionFile])
        for row in ClosedEnumTests.cases {
            var old = try Old(decoding: row.bytes, options: partial)
            old.id = 1  // Python refuses to serialize without it.
            #expect(try peer.again(Old.self, row.bytes + [8, 1]) == old.encoded(), "\(row.testDescription)")
        }
    }

    @Test func knownValuesAreRead() throws {
        let old = try Old(decoding: [
            0x20, 2, 0x20, 9, 0x5A, 3, 1, 9, 2, 0x7A, 1, 0x61, 0x70, 9, 0x6A, 3, 0x0A, 1, 0x61, 8, 1,
        ])
        #expect(old.color == .green && old.colors == [.red, .green] && old.tint == .mixed("a"))
        #expect(old.byName["a"] == .off, "without a value, an entry has the enum's first")
    }

    /// The enum decides, wherever it is used.
    @Test func theEnumsOwnFileDecides() throws {
        let bytes: [UInt8] = [0x50, 9, 0x5A, 2, 9, 1, 0x60, 9, 0x68, 9, 0x68, 1, 0x72, 4, 8, 5, 16, 9]
        let message = try Featured(decoding: bytes, options: partial)
        #expect(message.shut == nil && message.shuts == [.one] && message.open?.rawValue == 9)
        #expect(message.color == .red && message.byNumber.isEmpty)
        #expect(message.unknownFields.bytes == [0x50, 9, 0x58, 9, 0x68, 9, 0x72, 4, 8, 5, 16, 9])
    }

    @Test func theFirstValueIsTheDefault() {
        #expect(GoldensEdition.Shut() == .two)
        #expect(GoldensEdition.Open() == .zero)
        #expect([-8, -7, 1, 2].allSatisfy(Old.Color.isNamed))
        #expect(![-9, -6, 0, 3].contains(where: Old.Color.isNamed))
    }
}
