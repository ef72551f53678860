import MeshAPI
import RPC

extension AdminService {
    /// What this sidecar knows of a request or of a trace; no stories if it knows nothing.
    func explain(_ request: WeftAdminV1.ExplainRequest, in call: Call) async throws -> WeftAdminV1.ExplainResponse {
        guard !request.id.isEmpty else {
            throw RPCError(
                .invalidArgument, "id: it is missing: a request id, a trace id, or the id that the edge gave")
        }
        var response = WeftAdminV1.ExplainResponse()
        response.stories = sidecar.stories.find(request.id)
        return response
    }
}
