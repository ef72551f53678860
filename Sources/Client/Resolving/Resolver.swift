package import Reactor
package import Transport

/// Finds the addresses behind a target. It is asked on the client's loop, and answers there, later.
package protocol Resolver: Sendable {
    func resolve(on loop: Loop, _ answer: @escaping @Sendable (ResolveResult) -> Void)
}

/// Addresses that never change.
package struct StaticResolver: Resolver {
    package let addresses: [SocketAddress]

    package init(_ addresses: [SocketAddress]) {
        self.addresses = addresses
    }

    package func resolve(on loop: Loop, _ answer: @escaping @Sendable (ResolveResult) -> Void) {
        loop.execute { answer(addresses.isEmpty ? .failed("no address was given") : .addresses(addresses)) }
    }
}

/// The system's resolver, both families, in the order that it prefers (RFC 6724).
package struct DNSResolver: Resolver {
    package let host: String
    package let port: UInt16
    private let network: any Network

    package init(host: String, port: UInt16, network: any Network) {
        self.host = host
        self.port = port
        self.network = network
    }

    package func resolve(on loop: Loop, _ answer: @escaping @Sendable (ResolveResult) -> Void) {
        network.resolve(host, port: port, on: loop, answer)
    }
}
