import CLinux
import Glibc

/// An address in the kernel's form.
struct RawAddress {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    init() {}

    /// Nil for a name, which must be looked up first.
    init?(_ address: SocketAddress) {
        switch address {
        case .name:
            return nil
        case .ip(let text, let port):
            var ip4 = sockaddr_in()
            if inet_pton(AF_INET, text, &ip4.sin_addr) == 1 {
                ip4.sin_family = sa_family_t(AF_INET)
                ip4.sin_port = port.bigEndian
                set(ip4)
                return
            }
            var ip6 = sockaddr_in6()
            guard inet_pton(AF_INET6, text, &ip6.sin6_addr) == 1 else { return nil }
            ip6.sin6_family = sa_family_t(AF_INET6)
            ip6.sin6_port = port.bigEndian
            set(ip6)
        case .unix(let path):
            var unix = sockaddr_un()
            let fits = withUnsafeMutableBytes(of: &unix.sun_path) { place in
                guard path.utf8.count < place.count else { return false }
                place.copyBytes(from: path.utf8)
                return true
            }
            guard fits else { return nil }
            unix.sun_family = sa_family_t(AF_UNIX)
            // A name that begins with a null byte has no file, and ends where the length says (unix(7), "abstract").
            let offset = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: unix.sun_path)
            set(unix, length: path.hasPrefix("\0") ? offset + path.utf8.count : nil)
        }
    }

    var family: Int32 { Int32(storage.ss_family) }

    var address: SocketAddress? {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { RawAddress.read($0) }
        }
    }

    mutating func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        let length = length
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }

    static func local(of descriptor: Int32) -> SocketAddress? {
        var raw = RawAddress()
        guard raw.withMutablePointer({ getsockname(descriptor, $0, $1) }) == 0 else { return nil }
        return raw.address
    }

    static func read(_ raw: UnsafePointer<sockaddr>) -> SocketAddress? {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch Int32(raw.pointee.sa_family) {
        case AF_INET:
            return raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { ip4 in
                var address = ip4.pointee.sin_addr
                inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
                return .ip(
                    text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) },
                    port: ip4.pointee.sin_port.bigEndian)
            }
        case AF_INET6:
            return raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { ip6 in
                var address = ip6.pointee.sin6_addr
                inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
                return .ip(
                    text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) },
                    port: ip6.pointee.sin6_port.bigEndian)
            }
        default:
            return nil
        }
    }

    private mutating func set<Address>(_ address: Address, length: Int? = nil) {
        withUnsafeMutableBytes(of: &storage) { place in
            withUnsafeBytes(of: address) { place.copyMemory(from: $0) }
        }
        self.length = socklen_t(length ?? MemoryLayout<Address>.size)
    }
}
