internal import Reactor

/// Names a content by what it is: FNV-1a, 64 bits, as 16 hexadecimal digits.
///
/// Versions tell contents apart for peers that trust each other; they prove nothing against a forger.
enum ContentHash {
    static func of(_ bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return Hex.of(hash)
    }
}

/// Names that nobody can guess.
enum Token {
    /// 128 bits of the loop's chance, as 32 hexadecimal digits. Each source is seeded anew by the kernel's generator.
    static func random(_ loop: Loop) -> String {
        var (high, low) = (loop.chance(), loop.chance())
        return Hex.of(high.next()) + Hex.of(low.next())
    }
}

enum Hex {
    static func of(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
