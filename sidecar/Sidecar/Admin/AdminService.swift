import Membership
import MeshAPI
import MeshPolicy
import RPC
import ServiceKit
import Timebase
import Transport

/// What operators ask of a sidecar, over gRPC at its admin listener. A topic is a file: `AdminService+<Topic>.swift`.
final class AdminService: WeftAdminV1.Admin {
    /// The sidecar serves this as long as it lives, and is touched on its loop alone, on which calls are answered.
    unowned let sidecar: Sidecar

    init(_ sidecar: Sidecar) {
        self.sidecar = sidecar
    }

    func getStatus(
        _ request: WeftAdminV1.GetStatusRequest, in call: Call
    ) async throws -> WeftAdminV1.GetStatusResponse {
        var status = WeftAdminV1.GetStatusResponse()
        status.service = sidecar.config.service
        status.instance = sidecar.config.instance
        status.spiffeId = sidecar.identity.current?.spiffeID ?? ""
        status.identityEnds = sidecar.identity.current?.notAfter?.seconds ?? 0
        status.identityAlarm = sidecar.membership?.status.alarm ?? ""
        status.version = sidecar.taken.version
        status.refusedVersion = sidecar.taken.refusedVersion
        status.refusedBecause = sidecar.taken.refusedBecause.map(\.description).joined(separator: "; ")
        status.missing = sidecar.context.readiness.missing
        return status
    }
}
