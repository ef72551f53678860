import Exchange
import Logging
import MeshAPI
import RPC
import Reactor
import Simulation
import Synchronization
import Timebase

@testable import Control
@testable import Membership
@testable import ServiceKit
@testable import Transport

/// The files of a simulated machine.
final class MemoryFiles: FileStore {
    private let all = Mutex<[String: [UInt8]]>([:])

    func read(_ path: String, limit: Int) throws(Files.Fault) -> [UInt8] {
        guard let bytes = all.withLock({ $0[path] }) else { throw Files.Fault(path: path, action: "open", code: 2) }
        return bytes
    }

    func write(_ bytes: [UInt8], to path: String, mode: UInt32) { all.withLock { $0[path] = bytes } }
    func makeFolder(_ path: String) {}
    func exists(_ path: String) -> Bool { all.withLock { $0[path] != nil } }

    func list(_ path: String) -> [String] {
        all.withLock { $0.keys.filter { $0.hasPrefix(path + "/") }.map { String($0.dropFirst(path.count + 1)) } }
    }
}

/// Everything that was logged, by one line each: `error weft: the identity is about to end ...`.
final class LogBook: Sendable {
    private let all = Mutex<[String]>([])

    var lines: [String] { all.withLock { $0 } }
    func count(_ words: String) -> Int { lines.count { $0.contains(words) } }

    func logger(_ name: String) -> Logger {
        Logger(label: name) { Handler(book: self, name: $0) }
    }

    private struct Handler: LogHandler {
        let book: LogBook
        let name: String
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let words = event.metadata.map { $0.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ") } ?? ""
            book.all.withLock { $0.append("\(event.level) \(name): \(event.message) \(words)") }
        }
    }
}

/// What an asynchronous step came to.
private final class Outcome<Result: Sendable>: Sendable {
    private let result = Mutex<Swift.Result<Result, any Error>?>(nil)

    var value: Swift.Result<Result, any Error>? { result.withLock { $0 } }
    func put(_ value: Swift.Result<Result, any Error>) { result.withLock { $0 = value } }
}

/// A control plane as its program starts it, and members of its mesh, on simulated hosts.
final class Town {
    let simulation: Simulation
    let files = MemoryFiles()
    let log = LogBook()
    private(set) var control: Host
    private var generation = 0
    private(set) var members: [TownMember] = []
    private let lifetime: String

    static let services = ["course", "web", "operator"]

    init(seed: UInt64, leafLifetime: String = "2h", maxTurns: Int = 2_000_000) throws {
        var limits = SimulationLimits()
        limits.maxTurns = maxTurns
        simulation = Simulation(seed: seed, limits: limits)
        lifetime = leafLifetime
        control = simulation.host("none")
        let tokens = Self.services.map { "\($0) token-of-\($0)-0123456789\n" }.joined()
        files.write(Array(tokens.utf8), to: "tokens", mode: 0o600)
        try startControl()
    }

    deinit {
        simulation.end()
    }

    /// A new process, at a new address, with the old one's files.
    func startControl() throws {
        generation += 1
        control = simulation.host("control-\(generation)")
        simulation.name("control", control.addresses)
        let settings = try Settings(
            ControlConfig.flags,
            arguments: [
                "--listen=0.0.0.0:4100", "--admin=127.0.0.1:4101", "--state-dir=state", "--join-tokens=tokens",
                "--leaf-lifetime=\(lifetime)",
            ], environment: [:])
        let loop = control.loop()
        let context = ProcessContext(
            loop: loop, log: log.logger("control"), settings: settings, network: control.network, files: files,
            exit: { _ in })
        try on(loop) { try await ControlProcess.start(context) }
    }

    func crashControl() {
        simulation.crash(control)
    }

    /// Nobody reaches the control plane, or everybody does again.
    func cutControl() { for member in members { simulation.cut(control, member.host) } }
    func healControl() { for member in members { simulation.heal(control, member.host) } }

    /// A member that joins, renews and watches; `skew` is how far its clock is ahead.
    func member(_ service: String, _ instance: String, skew: Duration = .zero, token: String? = nil) throws
        -> TownMember
    {
        let host = simulation.host(instance)
        host.clockSkew = skew
        let member = TownMember(service, instance, on: host, in: self, token: token ?? "token-of-\(service)-0123456789")
        members.append(member)
        return member
    }

    /// Runs until it is so.
    func until(_ limit: Duration = .seconds(60), _ isSo: () -> Bool) throws {
        try simulation.run(within: limit, until: isSo)
    }

    /// Does `body` on a loop of the simulation, and answers what it answers.
    @discardableResult
    func on<Result: Sendable>(
        _ loop: Loop, within limit: Duration = .seconds(60), _ body: @escaping @Sendable () async throws -> Result
    ) throws -> Result {
        let outcome = Outcome<Result>()
        loop.execute {
            Task.immediate(executorPreference: loop) {
                do {
                    outcome.put(.success(try await body()))
                } catch {
                    outcome.put(.failure(error))
                }
            }
        }
        try until(limit) { outcome.value != nil }
        return try outcome.value!.get()
    }
}

final class TownMember {
    let service: String
    let instance: String
    let host: Host
    let loop: Loop
    let identity = IdentityBox()
    let membership: Membership
    private(set) var listener: Listener?
    private unowned let town: Town

    init(_ service: String, _ instance: String, on host: Host, in town: Town, token: String) {
        self.service = service
        self.instance = instance
        self.host = host
        self.town = town
        loop = host.loop()
        let files = town.files
        var config = MemberConfig(
            service: service, instance: instance, control: .name("control", port: 4100), trustDomain: "weft.local",
            namespace: "default", roots: (try? Self.roots(files)) ?? [], joinToken: { token })
        config.readRoots = { try Self.roots(files) }
        membership = Membership(
            config, identity: identity, loop: loop, log: town.log.logger(instance), network: host.network)
    }

    private static func roots(_ files: MemoryFiles) throws -> [Certificate] {
        try Certificate.all(inPEM: files.readText("state/roots.pem"))
    }

    var leaf: Certificate? { identity.current?.chain.first }
    var status: IdentityStatus { membership.status }

    /// All that a sidecar does of it.
    func start() {
        let membership = membership
        loop.execute { [loop] in
            Task.immediate(executorPreference: loop) {
                try await membership.join()
                Task.immediate(executorPreference: loop) {
                    try await membership.watchRegistry { _ in [String]() }
                }
                try await membership.keepIdentity()
            }
        }
    }

    /// Takes connections of members, with nothing behind.
    func listen(limits: ConnectionLimits = ConnectionLimits()) throws {
        let context = TLSServerContext(identity: identity, expect: .anySpiffe(inDomain: "weft.local"))
        listener = try Listener.listen(
            on: .ip("0.0.0.0", port: 4143), network: host.network, loop: loop, security: .tls(context),
            limits: limits, acceptor: Router(timers: loop))
    }

    /// A new connection to another member, closed again; answers why it failed.
    func shakeHands(with other: TownMember) throws -> Failure? {
        let rule = PeerRule.spiffe("spiffe://weft.local/ns/default/sa/\(other.service)")
        let pool = ConnectionPool(
            to: .ip(other.host.addresses[0], port: 4143), network: host.network, loop: loop,
            security: .tls(TLSClientContext(identity: identity, serverRule: rule)))
        loop.execute { pool.connect() }
        var failure: Failure?
        try town.until(.seconds(30)) {
            if case .transientFailure(let reason) = pool.state { failure = reason }
            return failure != nil || pool.state == .ready
        }
        loop.execute { pool.close() }
        return failure
    }

    func roots() throws -> WeftControlV1.RootsClient {
        WeftControlV1.RootsClient(membership.channel)
    }
}
