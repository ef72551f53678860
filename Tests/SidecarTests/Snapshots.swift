import Bytes
import Exchange
import MeshAPI
import MeshPolicy
import Reactor
import ServiceKit
@testable import Sidecar
import Transport
import WellKnown

// What a control plane would tell the sidecars of a town.
extension Town {
    /// A sidecar beside a caller that knows nobody yet.
    func caller(_ service: String = "web") async throws -> (address: SocketAddress, sidecar: Sidecar) {
        var config = SidecarConfig(service: service, instance: "\(service)-out", membership: .none)
        config.outbound = SidecarConfig.Outbound(listen: Self.anyPort, destinations: [])
        let sidecar = try await sidecar(config)
        return (try await address(of: "outbound", sidecar), sidecar)
    }

    /// A sidecar in front of an application, and where it listens.
    func front(_ service: String, app: SocketAddress) async throws -> (address: SocketAddress, sidecar: Sidecar) {
        var config = SidecarConfig(service: service, instance: "\(service)-in", membership: .none)
        config.inbound = SidecarConfig.Inbound(
            listen: Self.anyPort, isSecure: true, callers: .anySpiffe(inDomain: "town"), app: app)
        let sidecar = try await sidecar(config)
        return (try await address(of: "inbound", sidecar), sidecar)
    }

    /// Gives a sidecar a snapshot; answers what is wrong with its policies.
    @discardableResult
    func tell(_ sidecar: Sidecar, _ services: WeftControlV1.Service...) async throws -> [PolicyFault] {
        try await on {
            var snapshot = WeftControlV1.Snapshot()
            snapshot.services = services
            return sidecar.take(snapshot)
        }
    }

    /// A number that the process's metrics show; 0 while it shows none.
    func metric(_ sidecar: Sidecar, _ name: String, _ labels: [String: String]) async throws -> Int {
        try await on {
            for line in sidecar.context.metrics.prometheusText.split(separator: "\n") where line.hasPrefix(name + "{") {
                let isIt = labels.allSatisfy { line.contains("\($0.key)=\"\($0.value)\"") }
                if isIt, let number = line.split(separator: " ").last { return Int(Double(number) ?? 0) }
            }
            return 0
        }
    }
}

extension WeftControlV1.Service {
    /// A service with its instances, each with a version.
    static func of(
        _ name: String, at instances: [(address: SocketAddress, version: String)] = [],
        _ change: (inout WeftPolicyV1.ServicePolicy) -> Void = { _ in }
    ) -> Self {
        var service = Self()
        service.name = name
        service.endpoints = instances.enumerated().map { index, instance in
            var endpoint = WeftControlV1.Endpoint()
            endpoint.instance = "\(name)-\(index)"
            endpoint.address = instance.address.description
            endpoint.spiffeId = Town.id(name)
            endpoint.version = instance.version
            return endpoint
        }
        var policy = WeftPolicyV1.ServicePolicy()
        change(&policy)
        service.policy = policy
        return service
    }
}

extension WeftPolicyV1.Match {
    static func of(callers: [String] = [], methods: [String] = [], header: (String, String)? = nil) -> Self {
        var match = Self()
        match.callers = callers
        match.methods = methods
        if let (name, value) = header {
            var said = WeftPolicyV1.HeaderMatch()
            said.name = name
            said.value = .exact(value)
            match.headers = [said]
        }
        return match
    }
}

extension WeftPolicyV1.Backend {
    static func of(_ service: String = "", version: String = "", weight: UInt32 = 0) -> Self {
        var backend = Self()
        backend.service = service
        backend.version = version
        backend.weight = weight
        return backend
    }
}

extension WeftPolicyV1.Split {
    static func of(_ name: String, _ match: WeftPolicyV1.Match? = nil, _ backends: WeftPolicyV1.Backend...) -> Self {
        var split = Self()
        split.name = name
        split.match = match
        split.backends = backends
        return split
    }
}

extension WeftPolicyV1.Mirror {
    static func of(_ name: String, to backend: WeftPolicyV1.Backend, _ match: WeftPolicyV1.Match? = nil) -> Self {
        var mirror = Self()
        mirror.name = name
        mirror.to = backend
        mirror.match = match
        mirror.percent = 100
        return mirror
    }
}

extension WeftPolicyV1.Fault {
    static func of(
        _ name: String, _ kind: Kind, _ match: WeftPolicyV1.Match? = nil, perSecond: Double = 1000,
        until seconds: Int64 = 4_000_000_000
    ) -> Self {
        var fault = Self()
        fault.name = name
        fault.kind = kind
        fault.match = match
        fault.percent = 100
        fault.mostPerSecond = perSecond
        var until = GoogleProtobuf.Timestamp()
        until.seconds = seconds
        fault.until = until
        return fault
    }
}

extension WeftPolicyV1.Authorization {
    static func of(
        _ rules: [(name: String, action: WeftPolicyV1.AuthorizationRule.Action, match: WeftPolicyV1.Match)],
        mode: Mode = .enforce
    ) -> Self {
        var authorization = Self()
        authorization.mode = mode
        authorization.rules = rules.map { name, action, match in
            var rule = WeftPolicyV1.AuthorizationRule()
            rule.name = name
            rule.action = action
            rule.match = match
            return rule
        }
        return authorization
    }
}

/// One call that stays open: a conversation.
final class Chat: ExchangeHandler, @unchecked Sendable {  // touched on its loop alone
    private let loop: Loop
    private var stream: (any ExchangeStream)?
    private var heard: [UInt8] = []
    private var fields = Fields()
    private var ending: Ending?
    private var waiters: [(isDone: (Chat) -> Bool, resume: () -> Void)] = []

    init(_ address: SocketAddress, loop: Loop, path: String = "/p.S/Chat") {
        self.loop = loop
        loop.execute { [self] in
            let pool = ConnectionPool(to: address, loop: loop, security: .plaintext)
            let stream = pool.open(CallIntent(destination: "course"), handler: self)
            self.stream = stream
            stream.send(
                head: [
                    ":method": "POST", ":scheme": "http", ":authority": "course", ":path": path,
                    "content-type": "application/grpc", "te": "trailers",
                ], end: false)
        }
    }

    func say(_ text: String) {
        loop.execute { [self] in stream?.send(Chunk(Array(text.utf8)), end: false) }
    }

    /// Waits until so many bytes came back.
    func hear(_ count: Int) async -> String {
        await wait {
            $0.heard.count >= count || $0.ending != nil
        } then: {
            String(decoding: $0.heard, as: UTF8.self)
        }
    }

    /// Waits for the end: the status and the message.
    func end() async -> (status: String?, message: String) {
        await wait {
            $0.ending != nil
        } then: {
            ($0.fields[.grpcStatus], $0.fields[.grpcMessage] ?? "")
        }
    }

    private func wait<Value: Sendable>(
        until isDone: @escaping @Sendable (Chat) -> Bool, then value: @escaping @Sendable (Chat) -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            loop.execute { [self] in
                waiters.append((isDone, { continuation.resume(returning: value(self)) }))
                look()
            }
        }
    }

    private func look() {
        let done = waiters.filter { $0.isDone(self) }
        waiters.removeAll { $0.isDone(self) }
        for waiter in done { waiter.resume() }
    }

    func heard(head: Fields, end: Bool) {
        if end { fields = head }
        look()
    }
    func heard(_ chunk: Chunk, end: Bool) {
        stream?.consume(chunk.count)
        heard += chunk.array
        look()
    }
    func heard(trailers: Fields) { fields = trailers }
    func hasRoom() {}
    func ended(_ ending: Ending) {
        self.ending = ending
        stream = nil
        look()
    }
}
