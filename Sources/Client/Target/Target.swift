public import Transport

/// What a client calls, as gRPC names it (naming.md).
///
/// | text | means |
/// |---|---|
/// | `dns:///host:port`, `dns:host:port`, `host:port`, `host` | the addresses of a name, looked up again now and then; port 443 if unsaid |
/// | `ipv4:1.2.3.4:80,1.2.3.5:80`, `ipv6:[::1]:80` | these addresses |
/// | `unix:relative/path`, `unix:///absolute/path` | a socket in the file system |
/// | `unix-abstract:name` | a socket of Linux without a file |
public struct Target: Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        case dns(host: String, port: UInt16)
        case addresses([SocketAddress])
    }

    public let kind: Kind
    /// What calls say in `:authority`, if nobody says otherwise.
    public let authority: String
    public let description: String

    /// Who a certificate must be for, if nobody says otherwise.
    var host: String {
        switch kind {
        case .dns(let host, _): return host
        case .addresses(let list):
            if case .ip(let host, _)? = list.first { return host }
            return "localhost"
        }
    }

    /// gRPC's default, whatever the security.
    static let defaultPort: UInt16 = 443
    /// A target that names more addresses is a mistake: that is what resolvers are for.
    static let mostAddresses = 256

    /// Addresses that the process has from elsewhere.
    public init(_ addresses: [SocketAddress], authority: String? = nil) {
        kind = .addresses(addresses)
        self.authority = authority ?? addresses.first?.authority ?? "localhost"
        description = addresses.map(\.description).joined(separator: ",")
    }

    public init(_ text: String) throws(TargetError) {
        description = text
        guard let colon = text.firstIndex(of: ":"), let scheme = Scheme(rawValue: String(text[..<colon])) else {
            (kind, authority) = try Target.dns(text, in: text)
            return
        }
        let rest = String(text[text.index(after: colon)...])
        switch scheme {
        case .dns:
            (kind, authority) = try Target.dns(Target.withoutServer(rest, in: text), in: text)
        case .ipv4, .ipv6:
            let addresses = try Target.addresses(rest, scheme, in: text)
            kind = .addresses(addresses)
            authority = addresses[0].authority
        case .unix:
            let path = rest.hasPrefix("//") ? try Target.absolutePath(rest, in: text) : rest
            kind = .addresses([try Target.socket("unix:" + path, in: text)])
            authority = "localhost"
        case .unixAbstract:
            guard !rest.isEmpty else { throw TargetError(text, "it has no name") }
            kind = .addresses([try Target.socket("unix:\0" + rest, in: text)])
            authority = "localhost"
        }
    }

    private enum Scheme: String {
        case dns, ipv4, ipv6, unix
        case unixAbstract = "unix-abstract"
    }

    /// `//server/host`: the server to ask is empty, since the system's resolver is asked.
    private static func withoutServer(_ rest: String, in text: String) throws(TargetError) -> String {
        guard rest.hasPrefix("//") else { return rest }
        let path = rest.dropFirst(2)
        guard let slash = path.firstIndex(of: "/") else { throw TargetError(text, "a name should follow 'dns:///'") }
        guard slash == path.startIndex else {
            throw TargetError(
                text, "it names the DNS server \(path[..<slash]); only the system's resolver is asked: write 'dns:///'")
        }
        return String(path.dropFirst())
    }

    private static func dns(_ name: String, in text: String) throws(TargetError) -> (Kind, String) {
        guard !name.isEmpty else { throw TargetError(text, "it has no host") }
        var full = name
        // A colon outside brackets begins a port, but a bare IPv6 address is all colons.
        let isBareIP6 = !name.hasPrefix("[") && name.count(where: { $0 == ":" }) > 1
        if isBareIP6 { full = "[\(name)]" }
        if isBareIP6 || !(full.hasPrefix("[") ? full.contains("]:") : full.contains(":")) { full += ":\(defaultPort)" }
        guard !full.hasPrefix(":") else { throw TargetError(text, "it has no host") }
        switch try socket(full, in: text) {
        case .name(let host, let port): return (.dns(host: host, port: port), name)
        case let numeric: return (.addresses([numeric]), name)
        }
    }

    private static func addresses(
        _ list: String, _ scheme: Scheme, in text: String
    ) throws(TargetError) -> [SocketAddress] {
        let parts = list.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= mostAddresses else {
            throw TargetError(text, "it has more than \(mostAddresses) addresses")
        }
        var found: [SocketAddress] = []
        for part in parts {
            let (kind, _) = try dns(String(part), in: text)
            guard case .addresses(let one) = kind, case .ip(let host, _) = one[0],
                host.contains(":") == (scheme == .ipv6)
            else { throw TargetError(text, "'\(part)' is not an \(scheme == .ipv4 ? "IPv4" : "IPv6") address") }
            if !found.contains(one[0]) { found.append(one[0]) }
        }
        return found
    }

    private static func absolutePath(_ rest: String, in text: String) throws(TargetError) -> String {
        let path = String(rest.dropFirst(2))
        guard path.hasPrefix("/") else { throw TargetError(text, "an absolute path should follow 'unix://'") }
        return path
    }

    private static func socket(_ address: String, in text: String) throws(TargetError) -> SocketAddress {
        do {
            return try SocketAddress.parse(address)
        } catch {
            throw TargetError(text, error.reason)
        }
    }
}

/// A text that is no target.
public struct TargetError: Error, Sendable, Equatable, CustomStringConvertible {
    public let text: String
    public let reason: String

    init(_ text: String, _ reason: String) {
        self.text = text
        self.reason = reason
    }

    public var description: String { "\"\(text)\" is not a target: \(reason)" }
}
