internal import Exchange
internal import MeshAPI
internal import RPC
internal import ServiceKit
internal import Timebase

/// The requests that failed lately at the edge, for `weft why`: what clients were told is little, and here is the rest.
final class EdgeStories {
    struct Told {
        let requestID: String
        let traceID: String
        let method: String
        let service: String
        let httpStatus: Int
        let code: Int
        let why: Why?
        let message: String
        let took: Duration
        let at: WallTime
    }

    private let book = StoryBook<Told>()

    func add(_ told: Told) {
        book.add(told, weight: 512 + 256 * (told.why?.attempts.count ?? 0))
    }

    func find(_ id: String) -> [WeftAdminV1.Story] {
        book.latest(32) { $0.requestID == id || $0.traceID == id }.map { WeftAdminV1.Story($0) }
    }
}

extension WeftAdminV1.Story {
    /// Whoever tells the reason inside the mesh is named; what the edge found itself is the edge's.
    fileprivate init(_ told: EdgeStories.Told) {
        self.init()
        atMs = told.at.milliseconds
        direction = "edge"
        callee = told.service
        method = told.method
        code = UInt32(told.code)
        tookUs = told.took.clampedNanoseconds / 1000
        traceId = told.traceID
        teller = "edge"
        edgeId = told.requestID
        var shown = WeftWhyV1.Why()
        shown.phase = told.why?.phase ?? ""
        shown.cause = told.why?.cause ?? ""
        shown.subject = told.why?.subject ?? ""
        shown.detail = "HTTP \(told.httpStatus): \(told.message)"
        shown.reporter = told.why?.reporter ?? "edge"
        shown.requestId = told.requestID
        shown.traceId = told.traceID
        why = shown
    }
}

/// What operators ask of the edge: it has stories, and neither breakers nor handshakes.
struct EdgeAdmin: WeftAdminV1.Admin {
    /// Touched on the edge's loop, on which calls are answered.
    let find: @Sendable (String) -> [WeftAdminV1.Story]

    func explain(_ request: WeftAdminV1.ExplainRequest, in call: Call) async throws -> WeftAdminV1.ExplainResponse {
        var response = WeftAdminV1.ExplainResponse()
        response.stories = find(request.id)
        return response
    }

    func getStatus(
        _ request: WeftAdminV1.GetStatusRequest, in call: Call
    ) async throws -> WeftAdminV1.GetStatusResponse {
        var status = WeftAdminV1.GetStatusResponse()
        status.service = "edge"
        return status
    }

    func watchBreakers(
        _ request: WeftAdminV1.WatchBreakersRequest, to replies: MessageWriter<WeftAdminV1.WatchBreakersResponse>,
        in call: Call
    ) async throws { throw Self.sidecars }

    func forceBreaker(
        _ request: WeftAdminV1.ForceBreakerRequest, in call: Call
    ) async throws -> WeftAdminV1.ForceBreakerResponse { throw Self.sidecars }

    func tap(
        _ request: WeftAdminV1.TapRequest, to replies: MessageWriter<WeftAdminV1.TapResponse>, in call: Call
    ) async throws { throw Self.sidecars }

    func listHandshakes(
        _ request: WeftAdminV1.ListHandshakesRequest, in call: Call
    ) async throws -> WeftAdminV1.ListHandshakesResponse { throw Self.sidecars }

    private static let sidecars = RPCError(.unimplemented, "the edge's sidecar answers that: ask its admin listener")
}
