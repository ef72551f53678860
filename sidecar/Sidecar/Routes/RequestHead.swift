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
                    digits[16 * half + place] = Self.hexDigits[Int(number & 15)]
                    number >>= 4
                }
            }
            Self.append(.requestID, UnsafeBufferPointer(digits), to: &head)
        }
    }

    private static func append(_ name: Fields.Name, _ value: UnsafeBufferPointer<UInt8>, to head: inout Fields) {
        var text = name.text
        text.withUTF8 { head.append(name: $0, value: value) }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
