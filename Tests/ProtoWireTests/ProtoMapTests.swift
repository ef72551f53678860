import Testing

@testable import ProtoWire

@Suite struct ProtoMapTests {
    /// Random changes, compared with a dictionary and a list of keys; small maps and large ones take different ways.
    @Test(arguments: [4, 16, 17, 200]) func `behaves as a dictionary that keeps its order`(keys: Int) {
        var random = SystemRandom(state: 42)
        var map = ProtoMap<String, Int32>()
        var values: [String: Int32] = [:]
        var order: [String] = []
        for step in 0..<2000 {
            let key = "key \(Int.random(in: 0..<keys, using: &random))"
            if random.next() % 4 == 0 {
                #expect(map.removeValue(forKey: key) == values.removeValue(forKey: key))
                order.removeAll { $0 == key }
            } else {
                if values.updateValue(Int32(step), forKey: key) == nil { order.append(key) }
                map[key] = Int32(step)
            }
            #expect(map[key] == values[key])
        }
        #expect(Array(map.keys) == order)
        #expect(Dictionary(map) == values)
        #expect(map.count == values.count)
        for key in 0..<keys { #expect(map["key \(key)"] == values["key \(key)"]) }
    }

    @Test func `keys are bytes, not characters`() {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        #expect(composed == decomposed)
        var map: ProtoMap<String, Int32> = [composed: 1]
        #expect(map[decomposed] == nil)
        map[decomposed] = 2
        #expect(map.count == 2)
        for filler in 0..<40 { map["\(filler)"] = 0 }
        #expect(map[composed] == 1)
        #expect(map[decomposed] == 2)
    }

    @Test func `equal maps hold the same in any order`() {
        let first: ProtoMap<Int32, String> = [1: "a", 2: "b"]
        #expect(first == [2: "b", 1: "a"])
        #expect(first != [1: "a", 2: "c"])
        #expect(first != [1: "a"])
        #expect(first[3, default: "none"] == "none")
        #expect(ProtoMap([(1, "a"), (1, "b")] as [(Int32, String)]) == [1: "b"])
    }

    struct SystemRandom: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33 ^ state
        }
    }
}
