import Exchange
import Logging
import MeshAPI
import Policy
import RPC
import Reactor
import Resilience
import ServiceKit
import Timebase

extension AdminService {
    /// A watcher hears of a change so soon. A storm of changes costs it no more than that many answers.
    private static let watchInterval: Duration = .milliseconds(250)
    /// What goes on by itself (loads, times that remain) is told every so many intervals.
    private static let refresh = 4

    /// The breakers of all endpoints, now and after each change, until the caller leaves.
    func watchBreakers(
        _ request: WeftAdminV1.WatchBreakersRequest, to replies: MessageWriter<WeftAdminV1.WatchBreakersResponse>,
        in call: Call
    ) async throws {
        var told: WeftAdminV1.WatchBreakersResponse?
        var age = 0
        while !Task.isCancelled {
            let response = breakers(of: request.destination)
            if told == nil || told?.essence != response.essence || age >= Self.refresh && told != response {
                try await replies.write(response)
                told = response
                age = 0
            }
            age += 1
            try await sidecar.loop.sleep(for: Self.watchInterval)
        }
    }

    /// Overrules the breakers of a destination, or of one endpoint, until the time is over.
    func forceBreaker(
        _ request: WeftAdminV1.ForceBreakerRequest, in call: Call
    ) async throws -> WeftAdminV1.ForceBreakerResponse {
        let mode = try mode(of: request)
        let known = sidecar.destinations.keys.sorted().joined(separator: ", ")
        guard let destination = sidecar.destinations[request.destination] else {
            throw RPCError(
                .notFound, "destination: this sidecar has no '\(request.destination)'; it has \(known)")
        }
        let endpoint = request.endpoint.isEmpty ? nil : request.endpoint
        let count = destination.force(
            mode, for: .milliseconds(request.forMs), endpoint: endpoint, at: sidecar.loop.now)
        guard count > 0 || endpoint == nil else {
            let addresses = destination.balancer.endpoints.map(\.address).joined(separator: ", ")
            throw RPCError(
                .notFound,
                "endpoint: \(request.destination) has no '\(request.endpoint)'; it has \(addresses.isEmpty ? "none" : addresses)"
            )
        }
        sidecar.context.log.warning(
            mode == nil ? "an operator lets breakers decide again" : "an operator overrules breakers",
            metadata: [
                "destination": "\(request.destination)", "endpoint": "\(endpoint ?? "all")",
                "mode": "\(mode.map { "\($0)" } ?? "-")", "for_ms": "\(request.forMs)", "by": "\(call.peer.address)",
            ])
        var response = WeftAdminV1.ForceBreakerResponse()
        response.breakers = UInt32(count)
        return response
    }

    private func mode(of request: WeftAdminV1.ForceBreakerRequest) throws -> CircuitBreaker.Mode? {
        if request.mode == .unspecified { return nil }
        guard let mode = CircuitBreaker.Mode(request.mode) else {
            throw RPCError(.invalidArgument, "mode: \(request.mode.rawValue) is none that this sidecar knows")
        }
        let longest = CircuitBreaker.Force.longest.clampedNanoseconds / 1_000_000
        guard (1...longest).contains(request.forMs) else {
            throw RPCError(
                .invalidArgument,
                "for_ms: \(request.forMs) is not in 1...\(longest) (a day); what shall last belongs in a policy")
        }
        return mode
    }

    private func breakers(of wanted: String) -> WeftAdminV1.WatchBreakersResponse {
        let now = sidecar.loop.now
        var response = WeftAdminV1.WatchBreakersResponse()
        for (name, destination) in sidecar.destinations.sorted(by: { $0.key < $1.key }) {
            guard wanted.isEmpty || wanted == name else { continue }
            for endpoint in destination.endpointStatuses(at: now) {
                var breaker = WeftAdminV1.Breaker(endpoint, of: name, at: now)
                breaker.panic = destination.balancer.isPanic
                response.breakers.append(breaker)
            }
        }
        return response
    }
}

extension WeftAdminV1.Breaker {
    fileprivate init(_ endpoint: EndpointStatus, of destination: String, at now: Instant) {
        let status = endpoint.breaker
        self.init()
        self.destination = destination
        self.endpoint = endpoint.address
        state = status.phase.rawValue
        evidence = status.evidence
        if !endpoint.lastFault.isEmpty { evidence += "; last: \(endpoint.lastFault)" }
        nextProbeMs = status.nextProbe.map { now.milliseconds(to: $0) } ?? 0
        mode = WeftPolicyV1.BreakerMode(status.mode)
        forcedForMs = status.forcedUntil.map { now.milliseconds(to: $0) } ?? 0
        faultsInRow = UInt32(status.faultsInRow)
        calls = UInt64(status.calls)
        success = status.success ?? 1
        connection = endpoint.connection
        spared = status.isSpared
        load = endpoint.load
        inFlight = UInt32(max(0, endpoint.inFlight))
    }
}

extension WeftAdminV1.WatchBreakersResponse {
    /// Without what goes on by itself.
    fileprivate var essence: WeftAdminV1.WatchBreakersResponse {
        var essence = self
        for index in essence.breakers.indices {
            essence.breakers[index].nextProbeMs = 0
            essence.breakers[index].forcedForMs = min(1, essence.breakers[index].forcedForMs)
            essence.breakers[index].calls = 0
            essence.breakers[index].success = 0
            essence.breakers[index].load = 0
            essence.breakers[index].inFlight = 0
        }
        return essence
    }
}

extension Instant {
    /// Rounded up: what is not over is never 0.
    fileprivate func milliseconds(to later: Instant) -> Int64 {
        (duration(to: later).clampedNanoseconds + 999_999) / 1_000_000
    }
}

extension CircuitBreaker.Mode {
    fileprivate init?(_ said: WeftPolicyV1.BreakerMode) {
        switch said {
        case .enforce: self = .enforce
        case .shadow: self = .shadow
        case .forcedOpen: self = .forcedOpen
        case .forcedClosed: self = .forcedClosed
        default: return nil
        }
    }
}

extension WeftPolicyV1.BreakerMode {
    fileprivate init(_ mode: CircuitBreaker.Mode) {
        self =
            switch mode {
            case .enforce: .enforce
            case .shadow: .shadow
            case .forcedOpen: .forcedOpen
            case .forcedClosed: .forcedClosed
            }
    }
}
