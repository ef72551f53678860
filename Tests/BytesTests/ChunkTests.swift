import Bytes
import Glibc
import Testing

/// Chunks share memory, and a prefix is only claimed where nobody else can see it.
struct ChunkTests {
    @Test("a chunk holds the bytes that it was made of", arguments: [0, 1, 5, 4096])
    func copies(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let chunk = bytes.withUnsafeBytes { Chunk(copying: $0, headroom: 7) }
        #expect(chunk.array == bytes && chunk.count == count && chunk.isEmpty == (count == 0) && chunk.headroom == 7)
        #expect(chunk == Chunk(bytes) && (count == 0 || chunk != Chunk(bytes.dropLast())))
    }

    @Test("a prefix that is taken and what is left share memory and keep it alive")
    func takePrefix() {
        var rest = Chunk("abcdef")
        var first: Chunk? = rest.takePrefix(2)
        #expect(first?.array == Array("ab".utf8) && rest.array == Array("cdef".utf8))
        rest.dropPrefix(1)
        #expect(rest.array == Array("def".utf8))
        var claimed = rest
        #expect(!claimed.claimPrefix(1) { $0[0] = 0 }, "the memory is not its own")
        first = nil
        #expect(rest.takePrefix(3).array == Array("def".utf8) && rest.isEmpty)
    }

    @Test("headroom is claimed by the sole owner, as far as it goes")
    func claimPrefix() {
        var chunk = Array("abc".utf8).withUnsafeBytes { Chunk(copying: $0, headroom: 5) }
        #expect(!chunk.claimPrefix(6) { _ in })
        #expect(chunk.claimPrefix(2) { $0.copyBytes(from: [1, 2]) })
        #expect(chunk.array == [1, 2] + Array("abc".utf8) && chunk.headroom == 3)
        let other = chunk
        #expect(!chunk.claimPrefix(1) { $0[0] = 9 } && other == chunk)
    }

    @Test("memory that is adopted is used where it is")
    func adopting() throws {
        let memory = try #require(malloc(16))
        memory.copyMemory(from: "0123456789abcdef", byteCount: 16)
        var chunk = Chunk(adopting: memory, capacity: 16, start: 10, end: 16)
        #expect(chunk.array == Array("abcdef".utf8) && chunk.headroom == 10)
        #expect(chunk.claimPrefix(1) { $0[0] = UInt8(ascii: "-") })
        #expect(chunk.withUnsafeBytes { $0.baseAddress == UnsafeRawPointer(memory + 9) })
    }
}
