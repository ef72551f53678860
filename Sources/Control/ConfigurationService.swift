internal import MeshAPI
internal import MeshPolicy
internal import RPC
internal import Reactor
internal import WellKnown

/// The policies over RPC: operators apply them, members report on them, anybody of the mesh looks.
final class ConfigurationService: WeftControlV1.Configuration {
    private let plane: ControlPlane
    /// The services whose members may apply policies: whoever may say who calls whom is not just any service.
    private let operators: Set<String>

    /// Those who wait for a rollout see its states at most so often: each is a row for every member.
    private static let rolloutInterval = Duration.milliseconds(100)
    /// Peers refuse trailers of 8 KiB, and with them all that they say: so much of it is for faults.
    private static let mostFaultBytes = 3_000

    init(_ plane: ControlPlane, operators: Set<String>) {
        self.plane = plane
        self.operators = operators
    }

    func apply(_ request: WeftControlV1.ApplyRequest, in call: Call) async throws -> WeftControlV1.ApplyResponse {
        let member = try Member(of: call, in: plane.trustDomain)
        guard operators.contains(member.service) else {
            let names = operators.sorted().joined(separator: ", ")
            throw RPCError(
                .permissionDenied, "'\(member.service)' may not apply policies, but \(names.isEmpty ? "nobody" : names)"
            )
        }
        var response = WeftControlV1.ApplyResponse()
        switch plane.apply(request, by: member.spiffeID) {
        case .applied(let hash):
            response.hash = hash
        case .unchanged(let hash):
            response.hash = hash
            response.unchanged = true
        case .faulty(let faults):
            throw Self.refusal(faults)
        case .conflict(let hash):
            throw RPCError(
                .aborted,
                "the policies in force have the hash \(hash), not \(request.expectedHash): look at them, and apply again"
            )
        case .notKept:
            throw RPCError(.internal, "the control plane cannot write to its state folder; nothing changed")
        }
        response.version = request.dryRun ? "" : plane.snapshot.version
        response.warnings = PolicyAdvice(plane.knownNames).warnings(of: request.policy ?? WeftPolicyV1.MeshPolicy())
        return response
    }

    /// Every fault with its path, as far as trailers carry it.
    static func refusal(_ faults: [PolicyFault]) -> RPCError {
        let more = faults.count == 1 ? "" : " (and \(faults.count - 1) more)"
        let first = faults.first.map { "\($0)" } ?? ""
        var detail = GoogleRpc.BadRequest()
        var left = mostFaultBytes
        for fault in faults {
            left -= fault.path.utf8.count + fault.problem.utf8.count
            guard left > 0 else { break }
            var violation = GoogleRpc.BadRequest.FieldViolation()
            violation.field = fault.path
            violation.description = fault.problem
            detail.fieldViolations.append(violation)
        }
        return RPCError(.invalidArgument, "the policy is not right: \(first.prefix(500))\(more)").adding(detail)
    }

    func get(_ request: WeftControlV1.GetRequest, in call: Call) async throws -> WeftControlV1.GetResponse {
        _ = try Member(of: call, in: plane.trustDomain)
        var response = WeftControlV1.GetResponse()
        response.policy = plane.policies.policy
        response.hash = plane.policies.hash
        return response
    }

    func report(_ request: WeftControlV1.ReportRequest, in call: Call) async throws -> WeftControlV1.ReportResponse {
        let member = try Member(of: call, in: plane.trustDomain)
        let key = Rollout.Key(service: member.service, instance: request.instance)
        guard plane.reported(key, version: request.version, faults: request.faults) else {
            throw RPCError(.notFound, "'\(request.instance)' of '\(member.service)' neither is registered nor watches")
        }
        return WeftControlV1.ReportResponse()
    }

    func watchRollout(
        _ request: WeftControlV1.WatchRolloutRequest, to replies: MessageWriter<WeftControlV1.Rollout>, in call: Call
    ) async throws {
        _ = try Member(of: call, in: plane.trustDomain)
        var revision = -1
        while let (next, rollout) = await plane.nextRollout(after: revision) {
            guard request.hash.isEmpty || rollout.hash == request.hash else {
                throw RPCError(.aborted, "other policies were applied meanwhile: \(rollout.hash)")
            }
            try await replies.write(rollout)
            if !request.hash.isEmpty, plane.rollout.isComplete(policies: request.hash) { return }
            revision = next
            try await plane.loop.sleep(for: Self.rolloutInterval)
        }
    }
}
