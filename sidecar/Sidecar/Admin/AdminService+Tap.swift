import MeshAPI
import MeshPolicy
import Policy
import RPC

extension AdminService {
    /// Tells of calls as they happen, until so many were told, or the caller leaves.
    func tap(
        _ request: WeftAdminV1.TapRequest, to replies: MessageWriter<WeftAdminV1.TapResponse>, in call: Call
    ) async throws {
        let (match, faults) = CallMatch.read(request.match)
        guard faults.isEmpty else {
            throw RPCError(.invalidArgument, faults.map(\.description).joined(separator: "; "))
        }
        let tap = Tap(request, match)
        let places = try places(of: request.direction)
        guard sidecar.tapped < Tap.mostTaps else {
            throw RPCError(.resourceExhausted, "\(Tap.mostTaps) others look at the calls of this sidecar already")
        }
        sidecar.tapped += 1
        for place in places { place.add(tap) }
        defer {
            for place in places { place.remove(tap) }
            sidecar.tapped -= 1
            tap.finish()
        }
        for await event in tap.events { try await replies.write(event) }
    }

    private func places(of direction: String) throws(RPCError) -> [Taps] {
        let inbound = sidecar.inbound.map { [$0.taps] } ?? []
        let outbound = sidecar.outbound.map { [$0.taps] } ?? []
        switch direction {
        case "": return inbound + outbound
        case "inbound": return inbound
        case "outbound": return outbound
        default: throw RPCError(.invalidArgument, "direction: '\(direction)' is neither inbound nor outbound")
        }
    }
}
