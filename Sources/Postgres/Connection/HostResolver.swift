import Glibc

/// Resolves host names before libpq does: it would block the loop for as long as a name server takes.
enum HostResolver {
    /// Addresses tried of one name; a name of the mesh has one or a few.
    private static let mostAddresses = 8

    /// Whether `settings` name a host that must be looked up (not a socket's folder, not an address).
    static func isNeeded(_ settings: [PostgresConfig.Setting]) -> Bool {
        guard !settings.contains(where: { $0.keyword == "hostaddr" }) else { return false }
        return hosts(settings).contains { isName($0) }
    }

    /// Blocks. Adds the addresses of every host as `hostaddr`, repeating hosts and ports as often as they have addresses.
    static func resolve(_ settings: [PostgresConfig.Setting]) throws(PostgresFailure) -> [PostgresConfig.Setting] {
        let hosts = hosts(settings)
        let ports = list("port", settings)
        var lists: (hosts: [String], addresses: [String], ports: [String]) = ([], [], [])
        for (index, host) in hosts.enumerated() {
            for address in isName(host) ? try addresses(of: host) : [""] {
                lists.hosts.append(host)
                lists.addresses.append(address)
                lists.ports.append(ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : "")
            }
        }
        var resolved = settings.filter { $0.keyword != "host" && $0.keyword != "port" }
        resolved.append(.init(keyword: "host", value: lists.hosts.joined(separator: ",")))
        resolved.append(.init(keyword: "hostaddr", value: lists.addresses.joined(separator: ",")))
        if !ports.isEmpty {
            resolved.append(.init(keyword: "port", value: lists.ports.joined(separator: ",")))
        }
        return resolved
    }

    private static func hosts(_ settings: [PostgresConfig.Setting]) -> [String] { list("host", settings) }

    private static func list(_ keyword: String, _ settings: [PostgresConfig.Setting]) -> [String] {
        guard let value = settings.first(where: { $0.keyword == keyword })?.value, !value.isEmpty else { return [] }
        return value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func isName(_ host: String) -> Bool {
        var address = in6_addr()
        return !host.isEmpty && !host.hasPrefix("/") && !host.hasPrefix("@")
            && inet_pton(AF_INET, host, &address) != 1 && inet_pton(AF_INET6, host, &address) != 1
    }

    private static func addresses(of host: String) throws(PostgresFailure) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &found)
        guard code == 0 else {
            throw PostgresFailure(.unreachable, "the host \(host) is not found: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(found) }
        var addresses: [String] = []
        var next = found
        while let info = next, addresses.count < mostAddresses {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                info.pointee.ai_addr, info.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
                == 0
            {
                addresses.append(text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })  // not empty
            }
            next = info.pointee.ai_next
        }
        return addresses
    }
}
