import Exchange
public import RPC
public import Reactor
import Synchronization
package import Transport

/// Calls to a service by its target: it resolves, connects, balances and repeats, without a sidecar or through one.
///
///     let client = try Client("dns:///catalog:50051")
///     let catalog = CatalogClient(client.channel)
///     let item = try await catalog.getItem(request)
///
/// A client is a value that is held, and needs nothing run for it: connections begin with the first call, or with
/// `connect`. It lives on the loop that it is given, or on one of its own; whoever drops the last copy of it, and of its
/// channels, ends its connections. `close` ends them in order.
public struct Client: Sendable {
    public let target: Target
    /// For the stubs of every service that the target serves.
    public let channel: Channel
    private let handle: ClientHandle

    /// - Parameters:
    ///   - target: what to call, as gRPC writes it: see `Target`.
    ///   - security: how connections are protected, and who must be there.
    ///   - options: how calls are made; the default is gRPC's.
    ///   - loop: where connections live and calls run: a service gives its own, so that no call hops threads. nil starts a
    ///     thread for this client.
    public init(
        _ target: String, security: Security = .plaintext, options: Options = Options(), on loop: Loop? = nil
    ) throws {
        try self.init(to: Target(target), security: security, options: options, on: loop)
    }

    public init(
        to target: Target, security: Security = .plaintext, options: Options = Options(), on loop: Loop? = nil
    ) throws {
        self.init(
            to: target, security: security, options: options, on: try loop ?? Loop.start(name: "client"),
            ownsLoop: loop == nil, network: SystemNetwork())
    }

    /// Calls a service of the mesh by its name, through this process's sidecar, which balances, retries and does mTLS.
    ///
    /// A retry belongs to whoever is nearest to a failure: nothing is repeated here but what never left this process.
    public init(
        throughSidecarAt sidecar: String, to service: String, options: Options = Options(), on loop: Loop? = nil
    ) throws {
        var options = options
        options.authority = service
        try self.init(to: Target([SocketAddress.parse(sidecar)]), options: options, on: loop)
    }

    /// The same on another network: a simulation's.
    package init(
        to target: Target, security: Security, options: Options, on loop: Loop, ownsLoop: Bool, network: any Network,
        resolver: (any Resolver)? = nil
    ) {
        let core = ClientCore(
            target, security: security, options: options, on: loop, network: network, resolver: resolver)
        handle = ClientHandle(core, ownsLoop: ownsLoop)
        self.target = target
        channel = handle.channel(authority: options.authority ?? target.authority, options)
    }

    /// What a call that began now could hope for.
    public var state: ChannelState { handle.core.board.state }

    /// The state now, and every change from here on. Who reads too slowly misses the older ones.
    public var states: AsyncStream<ChannelState> { handle.core.board.states() }

    /// Connects before the first call does.
    public func connect() {
        let core = handle.core
        core.loop.perform { core.connect() }
    }

    /// Takes no more calls and returns when those under way are over and the connections closed, or after `grace`, when
    /// they are broken off.
    public func close(grace: Duration = .seconds(30)) async {
        let core = handle.core
        await withCheckedContinuation { continuation in
            core.loop.perform { core.drain(grace: grace) { continuation.resume() } }
        }
    }
}

/// What clients and channels hold. With the last of them the connections end, and the thread if it is theirs.
///
/// The thread outlives `close`: a task that still looks at an ended call needs it.
final class ClientHandle: Sendable {
    let core: ClientCore
    private let ownsLoop: Bool

    init(_ core: ClientCore, ownsLoop: Bool) {
        self.core = core
        self.ownsLoop = ownsLoop
    }

    deinit {
        let (core, ownsLoop) = (core, ownsLoop)
        core.loop.execute {
            core.drain(grace: .zero) { if ownsLoop { core.loop.stop() } }
        }
    }

    func channel(authority: String, _ options: Client.Options) -> Channel {
        let exchanger = StackExchanger(executor: core.loop, isSecure: core.isSecure, in: core.environment) {
            [self] intent, request, now in core.route(intent, request, at: now)
        }
        var channel = Channel(
            exchanger, destination: authority, timers: core.loop, interceptors: options.interceptors)
        channel.maxMessageBytes = options.maxReplyMessageBytes
        channel.methodLimits = ConfiguredLimits(options.serviceConfig)
        return channel
    }
}
