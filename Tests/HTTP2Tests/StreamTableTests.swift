@testable import HTTP2
import Testing
import Timebase

/// The table of streams finds what is in it, and nothing else, whatever came and went.
struct StreamTableTests {
    @Test("a table does what a dictionary does", arguments: 0..<20)
    func model(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var table = StreamTable<NGHTTP2Stream>()
        var model: [Int32: UnsafeMutablePointer<NGHTTP2Stream>] = [:]
        // Few ids far apart collide, as long-lived streams do with new ones.
        let ids = (0..<64).map { _ in Int32.random(in: 1...5000, using: &chance) }
        for _ in 0..<2000 {
            let id = ids.randomElement(using: &chance) ?? 1
            if let stream = model[id] {
                #expect(table.find(id) == stream && stream.pointee.id == id)
                if Bool.random(using: &chance) {
                    table.remove(stream)
                    model[id] = nil
                }
            } else {
                #expect(table.find(id) == nil)
                model[id] = table.insert(id)
            }
            #expect(table.count == model.count)
        }
        for id in ids { #expect(table.find(id) == model[id]) }
        table.removeAll()
        #expect(table.count == 0 && table.find(ids[0]) == nil)
    }

    @Test("a stream's memory is used again clean")
    func reuse() {
        var table = StreamTable<NGHTTP2Stream>()
        let first = table.insert(1)
        first.pointee.isAnnounced = true
        first.pointee.unconsumed = 5
        table.remove(first)
        let second = table.insert(3)
        #expect(second == first && !second.pointee.isAnnounced && second.pointee.unconsumed == 0)
    }
}
