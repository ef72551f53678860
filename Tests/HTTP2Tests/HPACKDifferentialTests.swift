import Bytes
import HTTP2
import Testing
import Timebase

/// Our compressor and libnghttp2's read each other, step by step, and refuse the same blocks.
@Suite("HPACK agrees with libnghttp2")
struct HPACKDifferentialTests {
    static let names = [
        ":method", ":path", ":status", ":authority", "content-type", "te", "grpc-timeout", "authorization", "cookie",
        "x-request-id", "x-a", "x-b", "x-bb", "accept-encoding", "grpc-status", "etag", "x", "",
    ]
    static let values = [
        "", "GET", "/", "/weft.Echo/Say", "200", "application/grpc", "trailers", "gzip, deflate", "1",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", String(repeating: "x", count: 150),
        String(repeating: "\u{1}é~|", count: 30),
    ]

    static func fields(_ chance: inout Chance) -> Fields {
        var fields = Fields()
        for _ in 0..<Int.random(in: 0...12, using: &chance) {
            var value = values.randomElement(using: &chance) ?? ""
            if Int.random(in: 0...3, using: &chance) == 0 {
                value += String(UInt16.random(in: 0...999, using: &chance))
            }
            if Int.random(in: 0...60, using: &chance) == 0 { value = String(repeating: "y", count: 5000) }
            fields.append(
                names.randomElement(using: &chance) ?? "", value,
                isSensitive: Int.random(in: 0...9, using: &chance) == 0)
        }
        return fields
    }

    static func size(_ chance: inout Chance) -> Int {
        [0, 31, 64, 100, 500, 4096, 8000].randomElement(using: &chance) ?? 0
    }

    @Test("what we write, both read alike", arguments: 0..<200)
    func ours(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var encoder = HPACKEncoder(ownTableLimit: Self.size(&chance))
        var decoder = HPACKDecoder(listLimit: 1 << 20)
        let oracle = InflateOracle()
        for step in 0..<60 {
            while Int.random(in: 0...7, using: &chance) == 0 {
                let size = Self.size(&chance)
                encoder.setPeerTableSize(size)
                decoder.setTableLimit(size)
                oracle.setTableLimit(size)
            }
            let fields = Self.fields(&chance)
            let block = encoder.block(fields)
            // Whoever marks a credential as a secret is not told otherwise, and we mark it by ourselves.
            let sent = FieldLine.all(fields).map { line in
                let isSecret = line.isSensitive || line.name == Array("authorization".utf8)
                return FieldLine(line.name, line.value, isSensitive: isSecret)
            }
            #expect(oracle.decode(block) == sent, "seed \(seed), step \(step)")
            #expect(decoder.lines(block) == .success(sent), "seed \(seed), step \(step)")
        }
    }

    @Test("what libnghttp2 writes, we read", arguments: 0..<200)
    func theirs(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let encoder = DeflateOracle(tableLimit: Self.size(&chance))
        var decoder = HPACKDecoder(listLimit: 1 << 20)
        let oracle = InflateOracle()
        for step in 0..<60 {
            while Int.random(in: 0...7, using: &chance) == 0 {
                let size = Self.size(&chance)
                encoder.setTableSize(size)
                decoder.setTableLimit(size)
                oracle.setTableLimit(size)
            }
            let block = encoder.encode(Self.fields(&chance))
            guard let lines = oracle.decode(block) else {
                Issue.record("libnghttp2 does not read itself")
                return
            }
            #expect(decoder.lines(block) == .success(lines), "seed \(seed), step \(step)")
        }
    }

    @Test("damaged and random blocks are read alike or refused alike", arguments: 0..<600)
    func damaged(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let encoder = DeflateOracle()
        var decoder = HPACKDecoder(listLimit: 1 << 20)
        let oracle = InflateOracle()
        for step in 0..<40 {
            if Int.random(in: 0...9, using: &chance) == 0 {
                let size = Self.size(&chance)
                decoder.setTableLimit(size)
                oracle.setTableLimit(size)
                if Bool.random(using: &chance) { encoder.setTableSize(size) }
            }
            var block = encoder.encode(Self.fields(&chance))
            switch Int.random(in: 0...3, using: &chance) {
            case 0 where !block.isEmpty:
                block[Int.random(in: 0..<block.count, using: &chance)] = UInt8.random(in: 0...255, using: &chance)
            case 1 where !block.isEmpty:
                block.removeLast(Int.random(in: 1...block.count, using: &chance))
            case 2:
                block = (0..<Int.random(in: 0...12, using: &chance)).map { _ in
                    UInt8.random(in: 0...255, using: &chance)
                }
            default: break
            }
            let theirs = oracle.decode(block)
            switch decoder.lines(block) {
            case .success(let lines):
                #expect(lines == theirs, "seed \(seed), step \(step): \(block)")
                guard lines == theirs else { return }
            case .failure(let error):
                #expect(theirs == nil, "seed \(seed), step \(step): \(error), \(block)")
                return
            }
        }
    }

    /// A list on its way through a proxy.
    static func change(_ fields: inout Fields, _ chance: inout Chance) {
        switch Int.random(in: 0...5, using: &chance) {
        case 0: fields.set(.path, "/x/\(Int.random(in: 0...3, using: &chance))")
        case 1: fields.set(.contentType, "application/grpc")
        case 2: fields.removeAll(.te)
        case 3: fields.append("x-hop", "1")
        case 4: fields.append(contentsOf: fields)
        default: break
        }
    }

    @Test("heads of several connections are handed on by one, whatever happens in between", arguments: 0..<200)
    func proxied(_ seed: UInt64) throws {
        var chance = Chance(seed: seed)
        let inbound = (0..<3).map { _ in DeflateOracle() }
        let decoders = [Inbound(), Inbound(), Inbound()]
        var encoder = HPACKEncoder(ownTableLimit: Self.size(&chance))
        let oracle = InflateOracle()
        for step in 0..<80 {
            let from = Int.random(in: 0...2, using: &chance)
            if Int.random(in: 0...9, using: &chance) == 0 {
                let size = Self.size(&chance)
                encoder.setPeerTableSize(size)
                oracle.setTableLimit(size)
            }
            var fields = try decoders[from].read(inbound[from].encode(Self.fields(&chance)))
            Self.change(&fields, &chance)
            let sent = FieldLine.all(fields).map { line in
                let isSecret = line.isSensitive || line.name == Array("authorization".utf8)
                return FieldLine(line.name, line.value, isSensitive: isSecret)
            }
            #expect(oracle.decode(encoder.block(fields)) == sent, "seed \(seed), step \(step)")
        }
    }

    /// A decoder in a list.
    final class Inbound {
        private var decoder = HPACKDecoder(listLimit: 1 << 20)

        func read(_ block: [UInt8]) throws -> Fields {
            var fields = Fields()
            _ = try block.withUnsafeBytes { try decoder.decode($0, into: &fields) }
            return fields
        }
    }
}
