import CLinux
import Glibc

/// Where a listener listens or a pool dials.
public enum SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// A numeric address in its usual text form: `127.0.0.1`, `::1`.
    case ip(String, port: UInt16)
    /// A host name, looked up at each dial.
    case name(String, port: UInt16)
    /// A file system path, or a null byte and a name: Linux's sockets without a file (unix(7), "abstract").
    case unix(String)

    /// Reads `127.0.0.1:4143`, `[::1]:80`, `localhost:80`, `unix:/run/app.sock`, or `:8080` for every IPv4 interface.
    public static func parse(_ text: String) throws(AddressError) -> SocketAddress {
        if text.hasPrefix("unix:") {
            return .unix(try unixPath(String(text.dropFirst(5)), in: text))
        }
        guard let colon = text.lastIndex(of: ":") else { throw AddressError(text: text, reason: "it has no port") }
        guard let port = UInt16(text[text.index(after: colon)...]) else {
            throw AddressError(text: text, reason: "its port is not a number from 0 to 65535")
        }
        let host = text[..<colon]
        if host.isEmpty { return .ip("0.0.0.0", port: port) }
        if host.hasPrefix("[") || host.hasSuffix("]") {
            let inner = String(host.dropFirst().dropLast())
            guard host.hasPrefix("["), host.hasSuffix("]"), isIP6(inner) else {
                throw AddressError(text: text, reason: "what stands in brackets is not an IPv6 address")
            }
            return .ip(inner, port: port)
        }
        if isIP4(String(host)) { return .ip(String(host), port: port) }
        guard isHostName(host) else {
            throw AddressError(
                text: text, reason: host.contains(":") ? "an IPv6 address needs brackets" : "its host is not a name")
        }
        return .name(String(host), port: port)
    }

    public var description: String {
        switch self {
        case .ip(let address, let port): address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        case .name(let name, let port): "\(name):\(port)"
        case .unix(let path): path.hasPrefix("\0") ? "unix-abstract:\(path.dropFirst())" : "unix:\(path)"
        }
    }

    public var port: UInt16? {
        switch self {
        case .ip(_, let port), .name(_, let port): port
        case .unix: nil
        }
    }

    /// What to write into `:authority` when nothing better is known: the host and port, or `localhost`.
    public var authority: String {
        if case .unix = self { return "localhost" }
        return description
    }

    private static func unixPath(_ path: String, in text: String) throws(AddressError) -> String {
        let longest = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
        guard !path.isEmpty else { throw AddressError(text: text, reason: "it has no path") }
        guard path.utf8.count <= longest else {
            throw AddressError(text: text, reason: "a path of a socket may have \(longest) bytes")
        }
        return path
    }

    private static func isIP4(_ text: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, text, &address) == 1
    }

    private static func isIP6(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, text, &address) == 1
    }

    /// RFC 1123 §2.1, and underscores, which names of containers have.
    private static func isHostName(_ text: Substring) -> Bool {
        guard text.utf8.count <= 253 else { return false }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            !label.isEmpty && label.count <= 63
                && label.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                    default: false
                    }
                }
        }
    }
}

/// A text that is no address.
public struct AddressError: Error, Sendable, Equatable, CustomStringConvertible {
    public let text: String
    public let reason: String

    public init(text: String, reason: String) {
        self.text = text
        self.reason = reason
    }

    public var description: String { "\"\(text)\" is not an address: \(reason)" }
}
