import Postgres
import ProtoWire
import Testing

@testable import Services

@Suite("Page tokens come back as they were given, or not at all")
struct PageTokenTests {
    private let seal = PageSeal(key: UniqueID(high: 1, low: 2))
    private let token = PageToken(last: UniqueID(high: 0x0193_0e9c_3f2a_7c4d, low: 0x8e5f_0123_4567_89ab))

    @Test("the mark is SipHash-2-4: the vectors of its authors")
    func vectors() {
        let seal = PageSeal(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        let vectors: [(Int, UInt64)] = [
            (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (7, 0xab02_00f5_8b01_d137),
            (8, 0x93f5_f579_9a93_2462), (15, 0xa129_ca61_49be_45e5),
        ]
        for (length, mark) in vectors {
            #expect(seal.mark((0..<UInt8(length)).map { $0 }[...]) == mark)
        }
    }

    @Test("a token reads back")
    func roundTrip() throws {
        let text = token.text(seal: seal)
        #expect(text.utf8.allSatisfy { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") })
        #expect(try PageToken(text, seal: seal) == token)
    }

    @Test("a token with any bit changed is refused")
    func tampered() throws {
        let bytes = try #require(Base64.decode(token.text(seal: seal)))
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CourseFailure.self) { try PageToken(Base64.encode(changed), seal: seal) }
        }
    }

    @Test("what is no token is refused", arguments: ["x", "AAAA", "%%%", "2", String(repeating: "A", count: 100_000)])
    func foreign(_ text: String) {
        #expect(throws: CourseFailure.self) { try PageToken(text, seal: seal) }
    }

    @Test("another database's token is refused")
    func otherKey() {
        let other = PageSeal(key: UniqueID(high: 1, low: 3))
        #expect(throws: CourseFailure.self) { try PageToken(token.text(seal: other), seal: seal) }
    }
}
