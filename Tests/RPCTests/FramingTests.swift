import Bytes
import Testing

@testable import RPC

@Suite("Framing: chunks in, messages out")
struct FramingTests {
    private static let body: [UInt8] =
        [0, 0, 0, 0, 0] + [0, 0, 0, 0, 1, 9] + [0, 0, 0, 0, 3, 1, 2, 3] + [0, 0, 0, 0, 0]
    private static let messages: [[UInt8]] = [[], [9], [1, 2, 3], []]

    @Test("messages come out the same wherever the body is cut in two or three")
    func splits() throws {
        let body = FramingTests.body
        for first in 0...body.count {
            for second in first...body.count {
                var deframer = MessageDeframer()
                deframer.append(Chunk(Array(body[..<first])))
                deframer.append(Chunk(Array(body[first..<second])))
                deframer.append(Chunk(Array(body[second...])))
                let messages = try FramingTests.all(&deframer)
                #expect(messages == FramingTests.messages, "cut at \(first) and \(second)")
                let isOpen = deframer.isWithinMessage
                #expect(!isOpen)
            }
        }
    }

    @Test("a body that comes byte by byte is whole only at a message's end")
    func bytewise() throws {
        let ends: Set = [5, 11, 19, 24]
        var deframer = MessageDeframer()
        var messages: [[UInt8]] = []
        for (index, byte) in FramingTests.body.enumerated() {
            deframer.append(Chunk([byte]))
            messages += try FramingTests.all(&deframer)
            let isOpen = deframer.isWithinMessage
            #expect(isOpen == !ends.contains(index + 1), "after byte \(index + 1)")
        }
        #expect(messages == FramingTests.messages)
        let hasMore = deframer.isReady
        #expect(!hasMore)
    }

    @Test("what nobody takes waits as it came, and comes out whole", arguments: [1, 7, 1023, 1024, 1025, 20_000])
    func untaken(pieceSize: Int) throws {
        let expected = (0..<300).map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: $0 * $0 % 997) }
        var body = Chunk(expected.flatMap { MessageFramer.frame(Chunk($0)).array })
        var deframer = MessageDeframer()
        while !body.isEmpty {
            // Pieces of their own memory, as the frames of a connection have, large ones between small ones.
            deframer.append(Chunk(body.takePrefix(min(3, body.count)).array))
            deframer.append(Chunk(body.takePrefix(min(pieceSize, body.count)).array))
        }
        let messages = try FramingTests.all(&deframer)
        #expect(messages == expected)
    }

    @Test("a long message is gathered whole", arguments: [1, 4096, 65_536, 65_537, 1 << 20])
    func gathered(pieceSize: Int) throws {
        let message = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var chunk = MessageFramer.frame(Chunk(message))
        var deframer = MessageDeframer()
        while !chunk.isEmpty { deframer.append(chunk.takePrefix(min(pieceSize, chunk.count))) }
        let messages = try FramingTests.all(&deframer)
        #expect(messages == [message])
    }

    @Test("a window full of single bytes waits in a handful of blocks")
    func tinyFrames() {
        var queue = ChunkQueue()
        for index in 0..<65_535 { queue.append(Chunk([UInt8(truncatingIfNeeded: index)])) }
        var blocks = 0
        var bytes = 0
        while let chunk = queue.next() {
            blocks += 1
            bytes += chunk.count
        }
        #expect(blocks == 4 && bytes == 65_535)
    }

    @Test("a fault comes after the messages before it, and stays")
    func faults() throws {
        let cases: [([UInt8], FramingFault)] = [
            ([1, 0, 0, 0, 0], .compressed),
            ([2, 0, 0, 0, 0], .unknownFlags(2)),
            ([0, 0, 0, 0, 11], .tooLarge(11, limit: 10)),
            ([0, 255, 255, 255, 255], .tooLarge(4_294_967_295, limit: 10)),
        ]
        for (prefix, fault) in cases {
            for cut in 0...prefix.count {
                var deframer = MessageDeframer(maxMessageBytes: 10)
                deframer.append(Chunk([0, 0, 0, 0, 10] + [UInt8](repeating: 5, count: 10) + prefix[..<cut]))
                deframer.append(Chunk(Array(prefix[cut...]) + [1, 2, 3]))
                let first = try deframer.next()
                #expect(first?.count == 10)
                for _ in 0..<2 {
                    var met: FramingFault?
                    do throws(FramingFault) { _ = try deframer.next() } catch { met = error }
                    #expect(met == fault, "cut at \(cut)")
                }
            }
        }
    }

    @Test("the prefix is put into headroom that is the message's own, and never into memory that others read")
    func framing() {
        let inPlace = MessageFramer.frame([1, 2 as UInt8].withUnsafeBytes { Chunk(copying: $0, headroom: 5) })
        #expect(inPlace.array == [0, 0, 0, 0, 2, 1, 2])
        #expect(inPlace.headroom == 0)
        let shared = Chunk([9, 9, 9, 9, 9, 1, 2])
        var window = shared
        window.dropPrefix(5)
        #expect(MessageFramer.frame(window).array == [0, 0, 0, 0, 2, 1, 2])
        #expect(shared.array == [9, 9, 9, 9, 9, 1, 2])
        #expect(MessageFramer.frame(Chunk.empty).array == [0, 0, 0, 0, 0])
    }

    private static func all(_ deframer: inout MessageDeframer) throws -> [[UInt8]] {
        var messages: [[UInt8]] = []
        while let message = try deframer.next() { messages.append(message.array) }
        return messages
    }
}
