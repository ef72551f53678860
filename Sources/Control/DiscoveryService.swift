internal import MeshAPI
internal import RPC
internal import Timebase

/// The registry over RPC. A member may enter, renew and take out only instances of its own service.
final class DiscoveryService: WeftControlV1.Discovery {
    private let plane: ControlPlane

    init(_ plane: ControlPlane) {
        self.plane = plane
    }

    func register(
        _ request: WeftControlV1.RegisterRequest, in call: Call
    ) async throws -> WeftControlV1.RegisterResponse {
        let member = try Member(of: call, in: plane.trustDomain)
        guard member.service == request.service else {
            throw RPCError(
                .permissionDenied, "'\(member.service)' may not register an instance of '\(request.service)'")
        }
        guard !request.instance.isEmpty, !request.address.isEmpty else {
            throw RPCError(.invalidArgument, "instance and address must not be empty")
        }
        let outcome = plane.register(request, spiffeID: member.spiffeID)
        switch outcome {
        case .registered(let lease):
            var response = WeftControlV1.RegisterResponse()
            response.lease = lease
            response.ttlMs = Registry.leaseTTL.clampedNanoseconds / 1_000_000
            return response
        case .full:
            throw RPCError(.resourceExhausted, "the registry holds \(Registry.maxEntries) instances and takes no more")
        }
    }

    func renew(_ request: WeftControlV1.RenewRequest, in call: Call) async throws -> WeftControlV1.RenewResponse {
        let member = try Member(of: call, in: plane.trustDomain)
        guard plane.renew(lease: request.lease, owner: member.spiffeID) else {
            throw RPCError(.notFound, "the lease ended or is not this member's: register again")
        }
        var response = WeftControlV1.RenewResponse()
        response.ttlMs = Registry.leaseTTL.clampedNanoseconds / 1_000_000
        return response
    }

    func deregister(
        _ request: WeftControlV1.DeregisterRequest, in call: Call
    ) async throws -> WeftControlV1.DeregisterResponse {
        let member = try Member(of: call, in: plane.trustDomain)
        _ = plane.deregister(lease: request.lease, owner: member.spiffeID)
        return WeftControlV1.DeregisterResponse()
    }

    func watch(
        _ request: WeftControlV1.WatchRequest, to replies: MessageWriter<WeftControlV1.Snapshot>, in call: Call
    ) async throws {
        let member = try Member(of: call, in: plane.trustDomain)
        var watcher: Rollout.Key?
        if !request.instance.isEmpty, request.instance.utf8.count <= Rollout.longestName {
            let key = Rollout.Key(service: member.service, instance: request.instance)
            guard plane.watchBegan(key, spiffeID: member.spiffeID, request) else {
                throw RPCError(.resourceExhausted, "\(Rollout.mostMembers) members are known, and no more are taken")
            }
            watcher = key
        }
        defer { if let watcher { plane.watchEnded(watcher) } }
        var version = request.version
        while let snapshot = await plane.nextSnapshot(after: version) {
            try await replies.write(snapshot)
            version = snapshot.version
        }
    }
}

/// The contracts over RPC. A member publishes only its own service's.
final class ContractsService: WeftControlV1.Contracts {
    private let plane: ControlPlane

    init(_ plane: ControlPlane) {
        self.plane = plane
    }

    func publish(_ request: WeftControlV1.PublishRequest, in call: Call) async throws -> WeftControlV1.PublishResponse {
        let member = try Member(of: call, in: plane.trustDomain)
        guard member.service == request.service else {
            throw RPCError(
                .permissionDenied, "'\(member.service)' may not publish the contract of '\(request.service)'")
        }
        var response = WeftControlV1.PublishResponse()
        do {
            response.version = try plane.publish(
                service: request.service, descriptorSet: request.descriptorSet, rpcServices: request.rpcServices)
        } catch {
            throw RPCError(.invalidArgument, "the contract of '\(request.service)' cannot be taken: \(error.message)")
        }
        return response
    }

    func watch(
        _ request: WeftControlV1.WatchContractsRequest, to replies: MessageWriter<WeftControlV1.ContractSet>,
        in call: Call
    ) async throws {
        _ = try Member(of: call, in: plane.trustDomain)
        var version = request.version
        while let set = await plane.nextContracts(after: version) {
            try await replies.write(set)
            version = set.version
        }
    }
}
