import CLinux
import Glibc
public import Timebase

/// The machine's randomness, for seeds and keys. Everything that must be repeatable takes a `Chance` instead.
public enum Entropy {
    /// A source of chance that nobody can foresee.
    public static func chance() -> Chance {
        var seed: UInt64 = 0
        withUnsafeMutableBytes(of: &seed, fill)
        return Chance(seed: seed)
    }

    public static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            fill(UnsafeMutableRawBufferPointer(buffer))
            initialized = count
        }
    }

    private static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        var filled = 0
        while filled < buffer.count {
            let count = getrandom(buffer.baseAddress! + filled, buffer.count - filled, 0)  // not empty: filled < count
            precondition(count >= 0 || errno == EINTR, "getrandom cannot fail once the machine is up")
            filled += max(count, 0)
        }
    }
}
