import Bytes
import Glibc
import Testing

@Suite("Output chain")
struct OutputChainTests {
    /// Every byte that the chain holds, by its runs.
    private func contents(_ chain: OutputChain) -> [UInt8] {
        var bytes: [UInt8] = []
        chain.withRuns { run in
            bytes.append(contentsOf: run)
            return true
        }
        return bytes
    }

    private func vectorContents(_ chain: OutputChain) -> (entries: Int, bytes: [UInt8]) {
        chain.withVectors { vectors in
            var bytes: [UInt8] = []
            for vector in vectors {
                bytes.append(contentsOf: UnsafeRawBufferPointer(start: vector.iov_base, count: vector.iov_len))
            }
            return (vectors.count, bytes)
        }
    }

    private func pattern(_ count: Int, from first: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: (first + $0) &* 31 &+ 7) }
    }

    @Test func smallBytesLieTogether() {
        let chain = OutputChain(blocks: HeapBlocks(blockSize: 64))
        for text in ["ab", "cd", "ef"] { Array(text.utf8).withUnsafeBytes { chain.append($0) } }
        #expect(chain.firstRun.count == 6)
        #expect(contents(chain) == Array("abcdef".utf8))
    }

    @Test func aLargeChunkIsSharedAndASmallOneCopied() {
        let chain = OutputChain(blocks: HeapBlocks())
        let large = Chunk(pattern(OutputChain.sharedFrom, from: 0))
        let small = Chunk(pattern(OutputChain.sharedFrom - 1, from: 0))
        chain.append(large)
        let isShared = large.withUnsafeBytes { $0.baseAddress == chain.firstRun.baseAddress }
        #expect(isShared)
        chain.consume(large.count)
        chain.append(small)
        let isCopied = small.withUnsafeBytes { $0.baseAddress != chain.firstRun.baseAddress }
        #expect(isCopied)
        #expect(contents(chain) == small.array)
    }

    @Test func aSharedChunkCannotBeWrittenToMeanwhile() {
        let chain = OutputChain(blocks: HeapBlocks())
        var chunk = pattern(4096, from: 0).withUnsafeBytes { Chunk(copying: $0, headroom: 8) }
        chain.append(chunk)
        #expect(!chunk.claimPrefix(5) { _ in })
        chain.consume(4096)
        #expect(chunk.claimPrefix(5) { $0.initializeMemory(as: UInt8.self, repeating: 1) })
    }

    @Test func headersGoOnInTheSameBlockAfterAChunk() {
        let blocks = HeapBlocks(blockSize: 256)
        let chain = OutputChain(blocks: blocks)
        for index in 0..<4 {
            chain.write(atMost: 9) { place in
                place.initializeMemory(as: UInt8.self, repeating: UInt8(index), count: 9)
                return 9
            }
            chain.append(Chunk(pattern(3000, from: index)))
        }
        #expect(blocks.taken == 1)
        #expect(vectorContents(chain).entries == 8)
        #expect(chain.count == 4 * 3009)
    }

    @Test func roomThatIsClaimedLiesTogether() {
        let blocks = HeapBlocks(blockSize: 100)
        let chain = OutputChain(blocks: blocks)
        pattern(95, from: 0).withUnsafeBytes { chain.append($0) }
        chain.write(atMost: 9) { place in
            place.initializeMemory(as: UInt8.self, repeating: 0xff, count: 9)
            return 9
        }
        // Larger than any block: memory of its own.
        chain.write(atMost: 1000) { place in
            place.initializeMemory(as: UInt8.self, repeating: 0xee, count: 700)
            return 700
        }
        #expect(
            contents(chain) == pattern(95, from: 0) + Array(repeating: 0xff, count: 9)
                + Array(repeating: 0xee, count: 700))
        chain.consume(chain.count)
        #expect(blocks.taken == 0)
    }

    @Test func anEmptyChainOwnsNoBlock() {
        let blocks = HeapBlocks(blockSize: 32)
        let chain = OutputChain(blocks: blocks)
        #expect(blocks.taken == 0)
        pattern(200, from: 0).withUnsafeBytes { chain.append($0) }
        #expect(blocks.taken == 7)
        chain.consume(150)
        #expect(blocks.taken == 3)
        chain.consume(50)
        #expect(blocks.taken == 0)
        chain.write(atMost: 10) { _ in 0 }
        #expect(blocks.taken == 0)
        chain.append(Chunk(pattern(5000, from: 0)))
        chain.removeAll()
        #expect(chain.isEmpty)
        #expect(blocks.taken == 0)
    }

    @Test func vectorsAreBounded() {
        let chain = OutputChain(blocks: HeapBlocks())
        for index in 0..<OutputChain.maximumVectors * 2 { chain.append(Chunk(pattern(2048, from: index))) }
        let (entries, bytes) = vectorContents(chain)
        #expect(entries == OutputChain.maximumVectors)
        chain.consume(bytes.count)
        #expect(vectorContents(chain).bytes.count == bytes.count)
    }

    /// Whatever is appended in whatever order comes out in that order, however it is taken out.
    @Test(arguments: 0..<64) func whatGoesInComesOut(seed: Int) {
        var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 &+ 1
        func next(_ limit: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(limit))
        }
        let blocks = HeapBlocks(blockSize: 1 + next(5000))
        let chain = OutputChain(blocks: blocks)
        var expected: [UInt8] = []
        for step in 0..<200 {
            switch next(6) {
            case 0, 1:
                let bytes = pattern(next(300), from: step)
                bytes.withUnsafeBytes { chain.append($0) }
                expected += bytes
            case 2:
                let chunk = Chunk(pattern(next(6000), from: step))
                chain.append(chunk)
                expected += chunk.array
            case 3:
                let written = next(40)
                let place = chain.claim(written + next(40))
                place.initializeMemory(as: UInt8.self, repeating: UInt8(step), count: written)
                chain.commit(written)
                expected += Array(repeating: UInt8(step), count: written)
            default:
                let gone = next(expected.count + 1)
                chain.consume(gone)
                expected.removeFirst(gone)
            }
            #expect(chain.count == expected.count)
            #expect(contents(chain) == expected)
            let vectors = vectorContents(chain)
            #expect(vectors.bytes == Array(expected.prefix(vectors.bytes.count)))
            #expect(chain.firstRun.elementsEqual(expected.prefix(chain.firstRun.count)))
            #expect(chain.isEmpty == chain.firstRun.isEmpty)
            var space = [UInt8](repeating: 0, count: 100)
            let copied = space.withUnsafeMutableBytes { chain.copyPrefix(into: $0) }
            #expect(Array(space[..<copied]) == Array(expected.prefix(100)))
        }
        chain.consume(chain.count)
        #expect(blocks.taken == 0)
    }
}
