import Glibc
import Reactor
import Timebase
package import Transport

extension Host {
    /// The network as this host has it: for `Listener.listen(on:network:...)` and `ConnectionPool(to:network:...)`.
    package var network: any Network { HostNetwork(self) }
}

/// Sockets of one host.
final class HostNetwork: Network, @unchecked Sendable {  // used on the simulation's thread alone
    /// When a lost request for a connection is repeated: 1 s, 2 s, 4 s, as kernels do.
    private static let firstRepeat: Duration = .seconds(1)

    private let host: Host
    private var world: World { host.world }

    init(_ host: Host) {
        self.host = host
    }

    func listen(on address: SocketAddress, sharesPort: Bool) throws(ListenError) -> any ListeningSocket {
        if host.isGhost { throw ListenError(address: address.description, reason: "the process is dead") }
        let place: SocketAddress
        switch address {
        case .unix: place = address
        case .name(let name, let port):
            guard let first = lookUp(name).first else {
                throw ListenError(address: address.description, reason: "the name has no address")
            }
            place = .ip(first, port: port == 0 ? host.newPort() : port)
        case .ip(let ip, let port):
            guard host.has(ip) || ip == "0.0.0.0" || ip == "::" else {
                throw ListenError(address: address.description, code: EADDRNOTAVAIL, reason: "no address of this host")
            }
            place = .ip(ip, port: port == 0 ? host.newPort() : port)
        }
        let inUse = host.listeners.contains { $0.localAddress == place && !($0.sharesPort && sharesPort) }
        if inUse { throw ListenError(address: place.description, code: EADDRINUSE, reason: "address already in use") }
        let listener = SimulatedListener(on: host, at: place, sharesPort: sharesPort)
        host.listeners.append(listener)
        return listener
    }

    func connect(to address: SocketAddress) -> ConnectResult {
        guard !host.isGhost else { return .failed(ENETUNREACH) }
        guard host.openHandles < world.conditions.handleLimit else { return .failed(EMFILE) }
        let target: Host
        switch address {
        case .name: return .failed(EINVAL)
        case .unix:
            guard host.listeners.contains(where: { $0.hears(address) }) else { return .failed(ECONNREFUSED) }
            target = host
        case .ip(let ip, _):
            guard let found = host.has(ip) ? host : world.hosts.first(where: { $0.has(ip) }) else {
                return .failed(ENETUNREACH)
            }
            target = found
        }
        let source: SocketAddress = .ip(host.addresses[0], port: host.newPort())
        let client = SimulatedSocket(on: host, address: source.description)
        client.takeHandle()
        world.note(.connect, host, client.handle, 0, address.description)
        var delay = latency(to: target)
        if !target.isNear(host), world.chance.isHit(world.conditions.slowConnects) {
            delay += world.chance.pick(.zero...world.conditions.slowConnect)
        }
        attempt(client, address, target, after: delay, repeats: 0, since: world.now)
        return .begun(client)
    }

    private func attempt(
        _ client: SimulatedSocket, _ address: SocketAddress, _ target: Host, after delay: Duration, repeats: Int,
        since: Instant
    ) {
        world.after(delay) { [self, weak client] in
            guard let client, client.isConnecting else { return }
            let target = world.successor(of: target)
            let heard = target.listeners.filter { $0.hears(address) }
            let isRefused = !target.isNear(host) && world.chance.isHit(world.conditions.refusals)
            if world.areCut(host, target) || (!heard.isEmpty && heard.allSatisfy(\.isFull)) {
                guard since.duration(to: world.now) < Pipe.patience else { return client.fail(ETIMEDOUT) }
                attempt(
                    client, address, target, after: HostNetwork.firstRepeat * (1 << repeats), repeats: repeats + 1,
                    since: since)
                return
            }
            guard !isRefused, !target.isDown, !heard.isEmpty else {
                world.after(latency(to: target)) { [weak client] in client?.fail(ECONNREFUSED) }
                return
            }
            let open = heard.filter { !$0.isFull }
            establish(client, with: open[world.chance.pick(0...open.count - 1)])
        }
    }

    /// The listener's kernel has made the connection; ours hears of it a while later.
    private func establish(_ client: SimulatedSocket, with listener: SimulatedListener) {
        let server = SimulatedSocket(on: listener.host, address: listener.localAddress.description)
        let doomed = !client.host.isNear(server.host)
        let there = Pipe(world, from: client, to: server, doom: doomed ? drawDoom() : nil)
        let back = Pipe(world, from: server, to: client, doom: doomed ? drawDoom() : nil)
        client.join(server, outgoing: there, incoming: back)
        server.join(client, outgoing: back, incoming: there)
        server.becomeConnected()
        listener.enqueue(server)
        world.after(latency(to: listener.host)) { [weak client, weak server] in
            if let client, !client.isClosed { client.becomeConnected() } else { server?.fail(ECONNRESET) }
        }
    }

    private func drawDoom() -> Pipe.Doom? {
        let conditions = world.conditions
        let kind: Pipe.Doom.Kind
        // Each direction has half of what its connection may suffer.
        if world.chance.isHit(conditions.resets / 2) {
            kind = .reset
        } else if world.chance.isHit(conditions.halfCloses / 2) {
            kind = .end
        } else if world.chance.isHit(conditions.silences / 2) {
            kind = .silence
        } else {
            return nil
        }
        // As often within the first hundred bytes as within all: that is where protocols begin.
        let within = world.chance.isHit(0.3) ? min(100, conditions.faultWithin) : conditions.faultWithin
        return Pipe.Doom(kind: kind, after: world.chance.pick(1...max(1, within)))
    }

    private func latency(to other: Host) -> Duration {
        other.isNear(host) ? .microseconds(10) : world.chance.pick(world.conditions.latency)
    }

    // MARK: Names

    func resolve(
        _ name: String, port: UInt16, on loop: Loop, _ answer: @escaping @Sendable (ResolveResult) -> Void
    ) {
        let result: ResolveResult
        if world.chance.isHit(world.conditions.resolveFailures) {
            result = .failed("temporary failure in name resolution")
        } else {
            let found = lookUp(name)
            result =
                found.isEmpty ? .failed("name or service not known") : .addresses(found.map { .ip($0, port: port) })
        }
        world.note(.resolve, host, -1, 0, name)
        world.after(world.chance.pick(world.conditions.resolving)) { loop.execute { answer(result) } }
    }

    private func lookUp(_ name: String) -> [String] {
        if name == "localhost" { return ["127.0.0.1"] }
        return world.names[name] ?? world.hosts.first { $0.name == name }?.addresses ?? []
    }
}
