public import Timebase

/// Chooses one of several by their weights: each is chosen as often as its weight is part of the sum.
public enum WeightedChoice {
    /// nil if no weight is above 0. Nothing is kept or allocated: `weight` is asked twice for each.
    public static func pick(count: Int, _ chance: inout Chance, weight: (Int) -> UInt32) -> Int? {
        var total: UInt64 = 0
        for index in 0..<count { total += UInt64(weight(index)) }
        guard total > 0 else { return nil }
        // The high half of the product is even over 0 ..< total, but for a part in 2^32.
        var place = chance.next().multipliedFullWidth(by: total).high
        for index in 0..<count {
            let weight = UInt64(weight(index))
            if place < weight { return index }
            place -= weight
        }
        return nil
    }
}
