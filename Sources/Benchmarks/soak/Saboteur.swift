import CLinux
import Glibc
import Timebase

/// Breaks TCP connections of this process from outside: the runtime sees what a network or a peer could do.
struct Saboteur {
    /// Descriptors above this are not looked at: the run has a few dozen.
    private static let highest: Int32 = 512

    var chance: Chance
    private(set) var broken = 0

    init(seed: UInt64) {
        chance = Chance(seed: seed)
    }

    /// Breaks one connection, in one of the ways: a reset, or the end of a direction.
    mutating func strike() {
        let sockets = (3..<Saboteur.highest).filter(Saboteur.isConnection)
        guard let socket = sockets.randomElement(using: &chance) else { return }
        broken += 1
        switch chance.next() % 4 {
        case 0: shutdown(socket, Int32(SHUT_WR))
        case 1: shutdown(socket, Int32(SHUT_RDWR))
        default:
            // Dissolving the association of a TCP socket resets it (connect(2)).
            var none = sockaddr()
            none.sa_family = sa_family_t(AF_UNSPEC)
            connect(socket, &none, socklen_t(MemoryLayout<sockaddr>.size))
        }
    }

    private static func isConnection(_ descriptor: Int32) -> Bool {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getpeername(descriptor, $0, &length) == 0 && $0.pointee.sa_family == sa_family_t(AF_INET)
            }
        }
    }
}
