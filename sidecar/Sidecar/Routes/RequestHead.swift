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
                let number = chance.next()
                let target = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(digits)[(16 * half)...])
                target.storeBytes(of: Self.digits(of: UInt32(truncatingIfNeeded: number)), as: UInt64.self)
                target.storeBytes(
                    of: Self.digits(of: UInt32(truncatingIfNeeded: number >> 32)), toByteOffset: 8, as: UInt64.self)
            }
            head.append(.requestID, UnsafeBufferPointer(digits))
        }
    }

    /// Eight hexadecimal digits at once, each in its byte: in a loop they took as long as finding the route.
    static func digits(of number: UInt32) -> UInt64 {
        var digits = UInt64(number)
        digits = (digits | digits << 16) & 0x0000_FFFF_0000_FFFF
        digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
        digits = (digits | digits << 4) & 0x0F0F_0F0F_0F0F_0F0F
        // 1 in each byte that is above 9: there 6 more make a carry.
        let letters = ((digits &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        return digits &+ 0x3030_3030_3030_3030 &+ letters &* UInt64(UInt8(ascii: "a") - 10 - UInt8(ascii: "0"))
    }
}
