import Bytes
@testable import HTTP2
import Timebase

/// A peer that sends what a peer may, with a rare fault: frames for either role, made by chance.
struct Traffic {
    private let role: HTTP2Session.Role
    private let encoder = HeadEncoder()
    private var lastRequest: UInt32 = 0
    private var streams: [UInt32: Phase] = [:]

    private enum Phase {
        case awaitingHead, body
    }

    /// Traffic for a session of this role, so that of a client for a server.
    init(for role: HTTP2Session.Role) {
        self.role = role
    }

    /// A client opened a stream.
    mutating func opened(_ stream: Int32) {
        streams[UInt32(stream)] = .awaitingHead
    }

    /// A stream ended: what is sent on it from here on is a fault, or crosses a reset.
    mutating func ended(_ stream: Int32) {
        streams[UInt32(stream)] = nil
    }

    /// The next frames. No stream is opened above the limit of the session, but for a rare fault.
    mutating func next(_ chance: inout Chance, mayOpen: Bool) -> [UInt8] {
        switch Int.random(in: 0..<100, using: &chance) {
        case 0..<30 where mayOpen || Int.random(in: 0..<500, using: &chance) == 0: open(&chance)
        case 30..<65: data(&chance)
        case 65..<75: trailers(&chance)
        case 75..<78: any(&chance).map { Frame.reset($0, [0, 5, 7, 8].randomElement(using: &chance) ?? 8).bytes } ?? []
        case 78..<86: Frame.window(any(&chance) ?? 0, UInt32.random(in: 1...30_000, using: &chance)).bytes
        case 86..<89: settings(&chance)
        case 89..<91: Frame.ping.bytes
        case 91..<93: Frame(2, on: any(&chance) ?? 1, big(0) + [16]).bytes
        case 93..<95: Frame(0x77, 9, on: 3, [1, 2, 3]).bytes
        case 95: Frame.window(0, UInt32.random(in: 1...30_000, using: &chance)).bytes
        case 96 where Int.random(in: 0..<8, using: &chance) == 0: Frame(7, on: 0, big(0x7FFF_FFFF) + big(0)).bytes
        case 97 where Int.random(in: 0..<3, using: &chance) == 0: FuzzTests.frame(&chance, role)
        default: []
        }
    }

    private func any(_ chance: inout Chance) -> UInt32? { streams.keys.sorted().randomElement(using: &chance) }

    private mutating func open(_ chance: inout Chance) -> [UInt8] {
        let isEnd = Int.random(in: 0..<4, using: &chance) == 0
        if role == .server {
            lastRequest += Int.random(in: 0..<9, using: &chance) == 0 ? 4 : 2
            let stream = lastRequest - 1
            if !isEnd { streams[stream] = .body }
            return block(Self.request(&chance), on: stream, isEnd: isEnd, &chance)
        }
        guard let stream = streams.filter({ $0.value == .awaitingHead }).keys.sorted().randomElement(using: &chance)
        else { return [] }
        guard Int.random(in: 0..<5, using: &chance) > 0 else {
            return block([(":status", "103"), ("link", "x")], on: stream, isEnd: false, &chance)
        }
        streams[stream] = isEnd ? nil : .body
        return block(Self.response(&chance), on: stream, isEnd: isEnd, &chance)
    }

    private mutating func data(_ chance: inout Chance) -> [UInt8] {
        guard let stream = streams.filter({ $0.value == .body }).keys.sorted().randomElement(using: &chance) else {
            return []
        }
        let count = Int.random(in: 0...(Bool.random(using: &chance) ? 100 : 16_000), using: &chance)
        let isEnd = Int.random(in: 0..<6, using: &chance) == 0
        if isEnd { streams[stream] = nil }
        var payload = [UInt8](repeating: 0x78, count: count)
        var flags: UInt8 = isEnd ? Frame.end : 0
        if Int.random(in: 0..<5, using: &chance) == 0 {
            let padding = Int.random(in: 0...200, using: &chance)
            payload = [UInt8(padding)] + payload + [UInt8](repeating: 0, count: padding)
            flags |= 8
        }
        return Frame(0, flags, on: stream, Array(payload.prefix(16_384))).bytes
    }

    private mutating func trailers(_ chance: inout Chance) -> [UInt8] {
        guard let stream = streams.filter({ $0.value == .body }).keys.sorted().randomElement(using: &chance) else {
            return []
        }
        streams[stream] = nil
        return block([("grpc-status", "0"), ("x-\(stream % 7)", "t")], on: stream, isEnd: true, &chance)
    }

    private func settings(_ chance: inout Chance) -> [UInt8] {
        let all: [(UInt16, ClosedRange<UInt32>)] = [
            (1, 0...8192), (3, 0...100), (4, 0...100_000), (5, 16_384...70_000), (6, 5000...100_000), (0x99, 0...9),
        ]
        let chosen = (0..<Int.random(in: 0...3, using: &chance)).compactMap { _ in all.randomElement(using: &chance) }
        return Frame.settings(chosen.map { ($0.0, UInt32.random(in: $0.1, using: &chance)) }).bytes
    }

    /// A header block in one frame or more, with padding and priority at times.
    private mutating func block(
        _ fields: [(String, String)], on stream: UInt32, isEnd: Bool, _ chance: inout Chance
    ) -> [UInt8] {
        var fields = fields
        if Int.random(in: 0..<30, using: &chance) == 0, let bad = HostileTests.headRows.randomElement(using: &chance) {
            fields = bad.fields
        }
        var block = encoder.encode(fields)
        var parts: [[UInt8]] = []
        if Int.random(in: 0..<6, using: &chance) == 0 {
            for _ in 0..<Int.random(in: 1...3, using: &chance) {
                let part = Array(block.prefix(Int.random(in: 0...block.count, using: &chance)))
                block.removeFirst(part.count)
                parts.append(part)
            }
        }
        parts.append(block)
        var flags: UInt8 = isEnd ? Frame.end : 0
        if Int.random(in: 0..<8, using: &chance) == 0 {
            parts[0] = big(stream == 3 ? 1 : 3) + [200] + parts[0]
            flags |= 0x20
        }
        if Int.random(in: 0..<8, using: &chance) == 0 {
            parts[0] = [5] + parts[0] + [0, 0, 0, 0, 0]
            flags |= 8
        }
        return parts.indices.flatMap { index in
            let last: UInt8 = index == parts.count - 1 ? Frame.endHeaders : 0
            return Frame(index == 0 ? 1 : 9, last | (index == 0 ? flags : 0), on: stream, parts[index]).bytes
        }
    }

    private static func request(_ chance: inout Chance) -> [(String, String)] {
        var fields = [
            (":method", ["POST", "GET", "OPTIONS", "HEAD"].randomElement(using: &chance) ?? "POST"),
            (":scheme", ["http", "https", "ftp"].randomElement(using: &chance) ?? "http"),
            (":path", ["/a", "/b/c?d=e", "*", "a"].randomElement(using: &chance) ?? "/"), (":authority", "host:80"),
        ]
        if Int.random(in: 0..<10, using: &chance) == 0 { fields[3] = ("host", "other") }
        for _ in 0..<Int.random(in: 0...4, using: &chance) {
            fields.append(common.randomElement(using: &chance) ?? ("x", "y"))
        }
        return fields
    }

    private static func response(_ chance: inout Chance) -> [(String, String)] {
        let status = ["200", "200", "404", "204", "304", "101", "600", "20"].randomElement(using: &chance) ?? "200"
        var fields = [(":status", status)]
        for _ in 0..<Int.random(in: 0...4, using: &chance) {
            fields.append(common.randomElement(using: &chance) ?? ("x", "y"))
        }
        return fields
    }

    private static let common = [
        ("te", "trailers"), ("te", "Trailers"), ("content-type", "application/grpc"), ("grpc-timeout", "1S"),
        ("x-a", "some\tvalue"), ("x-b", ""), ("x-c", String(repeating: "long", count: 60)), ("content-length", "300"),
        ("cookie", "a=b"), ("cookie", "c=d"), ("x!#$%&'*+-.^_`|~9", "z"), ("x-d", " blank"), ("x-e", "a\u{7f}b"),
        ("host", "a"), ("accept", "caf\u{e9}"), ("content-length", "0"),
    ]
}

/// An encoder that keeps a table, for blocks that name entries.
private final class HeadEncoder {
    private var encoder = HPACKEncoder()

    func encode(_ fields: [(String, String)]) -> [UInt8] {
        var list = Fields()
        for (name, value) in fields { list.append(name, value) }
        var bytes: [UInt8] = []
        encoder.encode(list, into: &bytes)
        return bytes
    }
}
