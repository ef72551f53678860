import Bytes
@testable import HTTP2
import Testing

/// What the encoder keeps, and how it finds it again.
@Suite("HPACK's encoder")
struct HPACKEncodingTests {
    static let call: Fields = [
        ":method": "POST", ":scheme": "http", ":path": "/weft.Echo/Say", ":authority": "echo",
        "content-type": "application/grpc", "te": "trailers", "user-agent": "grpc-swift/2", "x-app": "1",
    ]

    @Test("a head that comes again takes a byte a field")
    func repeats() {
        var encoder = HPACKEncoder()
        #expect(encoder.block(Self.call).count > 60)
        #expect(encoder.block(Self.call).count == Self.call.count)
    }

    @Test(
        "what differs in each call stays out of the table",
        arguments: ["grpc-timeout", "x-request-id", "traceparent", "content-length", "grpc-message", "weft-why-bin"])
    func varying(_ name: String) {
        var encoder = HPACKEncoder()
        let fields: Fields = [name: "12"]
        let first = encoder.block(fields)
        #expect(first[0] & 0xf0 == 0 && encoder.block(fields) == first && encoder.tableSize == 0)
    }

    @Test("secrets are never indexed, be they marked or known by name")
    func secrets() throws {
        var encoder = HPACKEncoder()
        var fields = Fields()
        fields.append("x-key", "1", isSensitive: true)
        fields.append("authorization", "Bearer 1")
        fields.append(":path", "/", isSensitive: true)
        let block = encoder.block(fields)
        var decoder = HPACKDecoder(listLimit: 4096)
        #expect(
            try decoder.lines(block).get().map(\.description) == [
                "x-key: 1 (secret)", "authorization: Bearer 1 (secret)", ":path: / (secret)",
            ])
        #expect(encoder.tableSize == 0 && encoder.block(fields) == block)
    }

    @Test("a field of an application that is new each time stops taking places, and is tried again")
    func wasted() {
        var encoder = HPACKEncoder(ownTableLimit: 512)
        var kept: [Int] = []
        for step in 0..<600 {
            let block = encoder.block(["x-nonce": String(step)])
            if block.contains(where: { $0 & 0xc0 == 0x40 }) && block.first.map({ $0 & 0xc0 == 0x40 }) == true {
                kept.append(step)
            }
        }
        #expect(kept.count >= 15 && kept.count <= 30, "\(kept)")
        #expect(kept.last ?? 0 > 300, "it is tried again now and then")
    }

    @Test("a name whose fields are used goes on to be kept")
    func used() {
        var encoder = HPACKEncoder(ownTableLimit: 512)
        for step in 0..<200 {
            let fields: Fields = ["x-tenant": String(step)]
            let first = encoder.block(fields)
            #expect(first.count > 1 && encoder.block(fields).count == 1)
        }
    }

    @Test("the sizes of the table are said when they change, the lowest first")
    func sizes() {
        var encoder = HPACKEncoder()
        #expect(encoder.block([:]) == [])
        encoder.setPeerTableSize(65_536)
        #expect(encoder.block([:]) == [], "we use 4096 of it, as before")
        encoder.setPeerTableSize(100)
        #expect(encoder.block([:]) == [0x3f, 0x45] && encoder.block([:]) == [])
        encoder.setPeerTableSize(0)
        encoder.setPeerTableSize(100)
        #expect(encoder.block([:]) == [0x20, 0x3f, 0x45])
        encoder.setPeerTableSize(50)
        encoder.setPeerTableSize(4096)
        #expect(encoder.block([:]) == [0x3f, 0x13, 0x3f, 0xe1, 0x1f])
        encoder.setPeerTableSize(0)
        #expect(encoder.block([":path": "/x"]) == [0x20, 0x44, 0x02, 0x2f, 0x78].map { $0 == 0x44 ? 0x04 : $0 })
    }

    @Test("a smaller table of our own is said at once")
    func ownLimit() {
        var encoder = HPACKEncoder(ownTableLimit: 0)
        #expect(encoder.block([":method": "GET"]) == [0x20, 0x82])
    }

    @Test("what was read from a table is handed on by identity, and by nothing else")
    func identity() throws {
        var inbound = HPACKEncoder()
        var decoder = HPACKDecoder(listLimit: 4096)
        var outbound = HPACKEncoder()
        for round in 0..<3 {
            var fields = Fields()
            #expect(HPACKRuleTests.decode(&decoder, inbound.block(Self.call), into: &fields) == .whole)
            // Fields of the static table have their index; each other has an identity of its own, always the same.
            #expect(fields.identity(at: 0) == 3 && fields.identity(at: 1) == 6)
            let own = (2..<fields.count).map { fields.identity(at: $0) }
            #expect(Set(own).count == own.count && own.allSatisfy { $0 >= 1024 && $0 < Fields.literalIdentity })
            fields.set(.path, "/weft.Echo/Say\(round)")
            #expect(fields.identity(at: 2) == Fields.noIdentity, "a new value is not the old field")
            let block = outbound.block(fields)
            #expect(round == 0 || block.count == 7 + 13 || block.count < 30)
            var check = HPACKDecoder(listLimit: 4096)
            if round == 0 {
                #expect(try check.lines(block).get() == FieldLine.all(fields))
            }
        }
    }

    @Test("an identity whose entry left the table is not an index any more")
    func evicted() {
        var inbound = HPACKEncoder()
        var decoder = HPACKDecoder(listLimit: 4096)
        var outbound = HPACKEncoder(ownTableLimit: 128)
        let oracle = InflateOracle()
        for step in 0..<50 {
            var fields = Fields()
            _ = HPACKRuleTests.decode(&decoder, inbound.block(Self.call), into: &fields)
            fields.append(":path", "/step/\(step % 3)")
            #expect(oracle.decode(outbound.block(fields)) == FieldLine.all(fields))
        }
    }

    @Test("a field that its sender kept out of the table stays out, unless it is one of the mesh's own")
    func literals() {
        var decoder = HPACKDecoder(listLimit: 4096)
        var fields = Fields()
        let block: [UInt8] = [0x00, 3, 0x78, 0x2d, 0x61, 1, 0x31, 0x04, 2, 0x2f, 0x61]
        #expect(HPACKRuleTests.decode(&decoder, block, into: &fields) == .whole)
        #expect((0..<2).allSatisfy { fields.identity(at: $0) == Fields.literalIdentity })
        var encoder = HPACKEncoder()
        #expect(encoder.block(fields).prefix(8) == [0x00, 3, 0x78, 0x2d, 0x61, 1, 0x31, 0x44])
    }

    @Test("nothing is allocated before the first field is kept")
    func idle() {
        let decoder = HPACKDecoder(listLimit: 4096)
        let encoder = HPACKEncoder()
        #expect(decoder.heldBytes == 0 && encoder.heldBytes == 0)
        var used = HPACKEncoder()
        _ = used.block(Self.call)
        #expect(used.heldBytes <= 1024, "\(used.heldBytes)")
    }

    @Test("a list that is sent often is known by its numbers, also where it is in the static table")
    func identified() {
        let list = Self.call.identified()
        #expect(FieldLine.all(list) == FieldLine.all(Self.call))
        #expect(Set(list.indices.map { list.identity(at: $0) }).count == list.count)
        var encoder = HPACKEncoder()
        let oracle = InflateOracle()
        for round in 0..<3 {
            var sent = list
            sent.append("x-new", String(round))
            #expect(oracle.decode(encoder.block(sent)) == FieldLine.all(sent))
        }
        #expect(encoder.block(list).count == list.count)
        encoder.setPeerTableSize(0)
        oracle.setTableLimit(0)
        #expect(
            oracle.decode(encoder.block(list)) == FieldLine.all(list), "no entry is left, and no number is believed")
    }

    @Test("a cache that is full grows, and forgets nothing that is still in the table")
    func manyIdentities() {
        var encoder = HPACKEncoder()
        let oracle = InflateOracle()
        // Sixty connections that say the same, each with its own identities.
        let lists = (0..<60).map { _ in Self.call.identified() }
        for list in lists + lists { #expect(oracle.decode(encoder.block(list)) == FieldLine.all(list)) }
        #expect(encoder.block(lists[0]).count == Self.call.count && encoder.heldBytes <= 10_000)
    }
}
