import COpenSSL
import Glibc
import Synchronization
import Timebase

/// Gives OpenSSL its random numbers from a seed, on threads that simulate; others keep OpenSSL's own generator.
///
/// Signatures of P-256 have a length that depends on chance, and so has all that follows on the wire.
enum SeededRandom {
    private static let chances = Mutex<[UInt: Chance]>([:])

    private static let isInstalled: Bool =
        weft_replace_random { bytes, count in
            guard let bytes, SeededRandom.fill(UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))) else {
                return weft_own_random(bytes, count)
            }
            return 1
        } == 1

    /// Does `body` with what OpenSSL draws on this thread taken from `chance`.
    static func draw<Failure: Error>(from chance: inout Chance, _ body: () throws(Failure) -> Void) throws(Failure) {
        precondition(isInstalled, "OpenSSL takes no other generator")
        let thread = UInt(pthread_self())
        let given = chance
        chances.withLock { $0[thread] = given }
        defer {
            chance = chances.withLock { $0.removeValue(forKey: thread) } ?? given
        }
        try body()
    }

    /// False if this thread does not simulate.
    private static func fill(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        chances.withLock { chances in
            guard var chance = chances[UInt(pthread_self())] else { return false }
            for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: chance.next()) }
            chances[UInt(pthread_self())] = chance
            return true
        }
    }
}
