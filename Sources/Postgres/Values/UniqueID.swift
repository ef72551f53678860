public import Timebase

/// A UUID (RFC 9562): 128 bits that two machines may choose without asking each other.
public struct UniqueID: Hashable, Sendable, Comparable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A version 7 id: 48 bits of time in milliseconds, then chance (RFC 9562 §5.7).
    ///
    /// Ids made later sort later, so new rows go to the end of an index, and an id as a key gives the order of creation.
    public static func v7(at time: WallTime, by chance: inout some RandomNumberGenerator) -> UniqueID {
        let high = UInt64(truncatingIfNeeded: time.milliseconds) << 16 | 0x7000 | (chance.next() & 0x0fff)
        let low = 0x8000_0000_0000_0000 | (chance.next() & 0x3fff_ffff_ffff_ffff)
        return UniqueID(high: high, low: low)
    }

    /// Reads `01930e9c-3f2a-7c4d-8e5f-0123456789ab`, in either case; nil for anything else.
    public init?(_ text: String) {
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        var place = 0
        guard text.utf8.count == 36 else { return nil }
        for byte in text.utf8 {
            defer { place += 1 }
            if place == 8 || place == 13 || place == 18 || place == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let value = UniqueID.value(ofHex: byte) else { return nil }
            if digits < 16 { halves.0 = halves.0 << 4 | value } else { halves.1 = halves.1 << 4 | value }
            digits += 1
        }
        self.init(high: halves.0, low: halves.1)
    }

    public static func < (left: UniqueID, right: UniqueID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    var bytes: [UInt8] {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
    }

    private static func value(ofHex byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

extension UniqueID: CustomStringConvertible {
    /// Lower case, with its four hyphens.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
