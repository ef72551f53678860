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
    /// 128 bits from the kernel's generator, as 32 hexadecimal digits.
    static func random() -> String {
        Entropy.bytes(16).map { Hex.of(UInt64($0)).suffix(2) }.joined()
    }
}

enum Hex {
    static func of(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
