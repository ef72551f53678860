import Bytes
import Timebase

/// Gives requests their ids and keeps from them what only the mesh may say.
struct RequestHead {
    private var chance: Chance

    init(chance: Chance) {
        self.chance = chance
    }

    /// A request without an id gets one: 32 hexadecimal digits, which can serve as a W3C trace id.
    mutating func identify(_ head: inout Fields) {
        if head.withValue(.requestID, { !$0.isEmpty }) == true { return }
        head.removeAll(.requestID)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digits in
            for half in 0..<2 {
                var number = chance.next()
                for place in 0..<16 {
                    let digit = UInt8(truncatingIfNeeded: number & 15)
                    digits[16 * half + place] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
                    number >>= 4
                }
            }
            head.append(.requestID, UnsafeBufferPointer(digits))
        }
    }
}
