import Reactor
import Testing
import Timebase

@testable import Transport

@Suite("The streams of a connection")
struct StreamTableTests {
    @Test(
        "are found by their ids, also where long and short ones want the same place", arguments: 0..<8 as Range<UInt64>)
    func model(seed: UInt64) throws {
        let loop = try Loop(name: "test")
        var chance = Chance(seed: seed)
        var table = StreamTable()
        var model: [Int32: HTTP2Stream] = [:]
        var next: Int32 = seed % 2 == 0 ? 1 : 2
        for _ in 0..<20_000 {
            // Mostly the newest ends first, so that a few old ones stay while ids go round.
            if model.count < 4 || chance.next() % 100 < 50, model.count < 3000 {
                let stream = HTTP2Stream(on: loop)
                stream.join(id: next)
                table.insert(stream)
                model[next] = stream
                next += 2
            } else if let id = chance.next() % 10 == 0 ? model.keys.min() : model.keys.max() {
                let expected = model.removeValue(forKey: id)
                try #require(table.remove(id) === expected)
                try #require(table.remove(id) == nil)
            }
            try #require(table.count == model.count)
        }
        for (id, stream) in model { try #require(table[id] === stream) }
        #expect(table[next] == nil)
        let (low, high) = (next / 3, next)
        let taken = table.takeAll { $0.id > low && $0.id < high }
        #expect(taken.map(\.id) == model.keys.filter { $0 > low && $0 < high }.sorted())
        #expect(table.count == model.count - taken.count)
    }
}
