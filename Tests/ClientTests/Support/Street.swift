import BenchAPI
import Bytes
@testable import Client
import Exchange
import MeshAPI
import RPC
import Reactor
import Simulation
import Testing
import Timebase
import Transport

/// Servers that do what a test says, and a client, on a simulated network: minutes pass in milliseconds, and every run is
/// the same.
final class Street {
    let simulation: Simulation
    let clientHost: Host
    let loop: Loop
    private(set) var servers: [House] = []

    init(seed: UInt64 = 1) {
        simulation = Simulation(seed: seed, conditions: .calm)
        clientHost = simulation.host("client")
        loop = clientHost.loop()
    }

    /// One more server, which listens at once, or when the test says so.
    @discardableResult
    func house(_ name: String, listens: Bool = true, health: Bool = false) throws -> House {
        let house = House(simulation.host(name), hasHealth: health)
        servers.append(house)
        if listens { try house.listen() }
        return house
    }

    /// A name with the addresses of these houses.
    func name(_ name: String, _ houses: [House]) {
        simulation.name(name, houses.map { $0.host.addresses[0] })
    }

    func client(
        _ target: String, _ json: String? = nil, _ change: (inout Client.Options) -> Void = { _ in }
    ) throws -> Client {
        var options = Client.Options()
        if let json { options.serviceConfig = try ServiceConfig(json: json) }
        change(&options)
        return Client(
            to: try Target(target), security: .plaintext, options: options, on: loop, ownsLoop: false,
            network: clientHost.network)
    }

    // MARK: Calls

    /// Begins a call; its outcome is there when the simulation has run.
    func begin(
        _ client: Client, options: CallOptions = CallOptions(), id: String = "x", bytes: Int = 0
    ) -> Held<Result<String, RPCError>> {
        let held = Held<Result<String, RPCError>>()
        let start = loop
        loop.execute {
            Task.immediate(executorPreference: start) {
                var message = Bench.Msg()
                message.id = id
                message.payload = [UInt8](repeating: 7, count: bytes)
                do {
                    held.put(.success(try await Bench.EchoClient(client.channel).unary(message, options: options).id))
                } catch let error as RPCError {
                    held.put(.failure(error))
                } catch {
                    held.put(.failure(RPCError(.unknown, "\(error)")))
                }
            }
        }
        return held
    }

    func call(
        _ client: Client, options: CallOptions = CallOptions(), within limit: Duration = .seconds(60), bytes: Int = 0
    ) throws -> Result<String, RPCError> {
        let held = begin(client, options: options, bytes: bytes)
        try simulation.run(within: limit) { held.value != nil }
        return held.value ?? .failure(RPCError(.unknown, "no outcome"))
    }

    /// The reply's id, or the code of the error.
    func say(_ client: Client, options: CallOptions = CallOptions(), within limit: Duration = .seconds(60)) throws
        -> String
    {
        switch try call(client, options: options, within: limit) {
        case .success(let id): id
        case .failure(let error): error.code.name
        }
    }

    func run(for time: Duration) throws { try simulation.run(for: time) }
}

/// One server. What it does with each call is the test's.
final class House: @unchecked Sendable {  // a simulation runs on one thread
    let host: Host
    let loop: Loop
    private let hasHealth: Bool
    private var listener: Listener?
    /// By the number of the call, from 1. It answers, or throws.
    var behaviour: @Sendable (Int, Call) async throws -> Void = { _, _ in }
    private(set) var calls = 0
    /// `grpc-previous-rpc-attempts` of each call, and when it came.
    private(set) var previousAttempts: [Int] = []
    private(set) var cameAt: [Instant] = []
    private(set) var cancelled = 0
    var health = HealthBoard()

    init(_ host: Host, hasHealth: Bool) {
        self.host = host
        self.hasHealth = hasHealth
        loop = host.loop()
    }

    func listen(_ acceptor: (any Acceptor)? = nil) throws {
        let router = Router(timers: loop)
        router.add(HouseEcho(house: self))
        if hasHealth { router.add(HouseHealth(board: health)) }
        listener = try Listener.listen(
            on: .ip(host.addresses[0], port: 80), network: host.network, loop: loop, security: .plaintext,
            acceptor: acceptor ?? router)
    }

    func close() {
        listener?.drain(grace: .zero) {}
        listener = nil
    }

    func heard(_ call: Call) -> Int {
        calls += 1
        previousAttempts.append(call.previousAttempts)
        cameAt.append(loop.now)
        return calls
    }

    func wasCancelled() { cancelled += 1 }

    /// A reply after so long; a caller that leaves is counted.
    func pause(_ time: Duration) async throws {
        do { try await loop.sleep(for: time) } catch {
            wasCancelled()
            throw error
        }
    }
}

struct HouseEcho: Bench.Echo {
    let house: House

    func unary(_ request: Bench.Msg, in call: Call) async throws -> Bench.Msg {
        try await house.behaviour(house.heard(call), call)
        var reply = Bench.Msg()
        reply.id = house.host.name
        return reply
    }

    func stream(
        _ requests: MessageReader<Bench.Msg>, to replies: MessageWriter<Bench.Msg>, in call: Call
    ) async throws {
        try await house.behaviour(house.heard(call), call)
        for try await request in requests { try await replies.write(request) }
    }
}

/// What a server says of its health, to those who watch.
final class HealthBoard: @unchecked Sendable {  // a simulation runs on one thread
    var status: GrpcHealthV1.HealthCheckResponse.ServingStatus = .serving {
        didSet { for waiter in waiters { waiter.resume() }; waiters = [] }
    }
    private var waiters: [CheckedContinuation<Void, Never>] = []
    var watches = 0
    var services: [String] = []

    func change() async {
        await withCheckedContinuation { waiters.append($0) }
    }
}

struct HouseHealth: GrpcHealthV1.Health {
    let board: HealthBoard

    func check(
        _ request: GrpcHealthV1.HealthCheckRequest, in call: Call
    ) async throws -> GrpcHealthV1.HealthCheckResponse {
        throw RPCError(.unimplemented, "only watches")
    }

    func list(
        _ request: GrpcHealthV1.HealthListRequest, in call: Call
    ) async throws -> GrpcHealthV1.HealthListResponse {
        throw RPCError(.unimplemented, "only watches")
    }

    func watch(
        _ request: GrpcHealthV1.HealthCheckRequest, to replies: MessageWriter<GrpcHealthV1.HealthCheckResponse>,
        in call: Call
    ) async throws {
        board.watches += 1
        board.services.append(request.service)
        while !call.isCancelled {
            var reply = GrpcHealthV1.HealthCheckResponse()
            reply.status = board.status
            try await replies.write(reply)
            await board.change()
        }
    }
}

/// A value that comes once.
final class Held<Value>: @unchecked Sendable {  // a simulation runs on one thread
    private(set) var value: Value?

    func put(_ value: Value) {
        precondition(self.value == nil, "a call ends once")
        self.value = value
    }
}

extension Result<String, RPCError> {
    var error: RPCError? { if case .failure(let error) = self { error } else { nil } }
    var code: String { error?.code.name ?? "OK" }
}

extension RPCError {
    /// What a server answers, with what it asks of retries.
    static func status(_ code: StatusCode, pushback: String? = nil) -> RPCError {
        var error = RPCError(code, "as the test says")
        if let pushback { try? error.metadata.add("grpc-retry-pushback-ms", pushback) }
        return error
    }
}
