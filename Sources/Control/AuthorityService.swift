internal import Exchange
internal import Logging
internal import MeshAPI
internal import RPC
internal import Reactor
internal import ServiceKit
internal import Timebase
internal import Transport

/// The certificate authority over RPC: signs the keys of members that can prove who they are.
///
/// Proof is the join token of the service, or for a renewal the certificate that is still valid. The name in the leaf is the
/// one that was proved; what the request asks for in its own extensions is not read.
final class AuthorityService: WeftControlV1.CertificateAuthority {
    private let authority: Authority
    private let tokens: JoinTokens
    private let domain: TrustDomain
    private let log: Logger

    /// A longer name of an instance is nobody's.
    private static let longestInstance = 256

    init(_ authority: Authority, tokens: JoinTokens, domain: TrustDomain, log: Logger) {
        self.authority = authority
        self.tokens = tokens
        self.domain = domain
        self.log = log
    }

    func sign(_ request: WeftControlV1.SignRequest, in call: Call) async throws -> WeftControlV1.SignResponse {
        let service = request.service
        guard ServiceName.isValid(service) else {
            throw RPCError(.invalidArgument, "'\(service)' is not a service name: lower-case letters, digits and '-'")
        }
        guard request.instance.utf8.count <= Self.longestInstance else {
            throw RPCError(.invalidArgument, "the name of the instance is longer than \(Self.longestInstance) bytes")
        }
        try prove(request, in: call)
        let spiffeID = domain.spiffeID(of: service)
        do {
            let asked = try CertificateRequest(der: request.certificateRequest)
            let leaf = try authority.issue(
                asked, spiffeID: spiffeID, to: .init(service: service, instance: request.instance))
            log.info(
                "a certificate was issued",
                metadata: [
                    "spiffe_id": "\(spiffeID)", "not_after": "\(leaf.notAfter.rfc3339)", "peer": "\(call.peer.address)",
                ])
            var response = WeftControlV1.SignResponse()
            response.chain = [leaf.der]
            response.roots = authority.roots.map(\.der)
            response.notAfter = leaf.notAfter.seconds
            response.spiffeId = spiffeID
            return response
        } catch {
            throw RPCError(.invalidArgument, "the certificate request cannot be signed: \(error)")
        }
    }

    func trust(_ request: WeftControlV1.TrustRequest, in call: Call) async throws -> WeftControlV1.TrustResponse {
        let member = try Member(of: call, in: domain)
        authority.heard(.init(service: member.service, instance: request.instance), trusts: request.roots)
        return WeftControlV1.TrustResponse()
    }

    private func prove(_ request: WeftControlV1.SignRequest, in call: Call) throws {
        if let identity = call.peer.identity, request.joinToken.isEmpty {
            guard identity == domain.spiffeID(of: request.service) else {
                throw RPCError(.permissionDenied, "'\(identity)' may not ask for a certificate of '\(request.service)'")
            }
            return
        }
        guard tokens.vouch(for: request.service, token: request.joinToken) else {
            log.warning(
                "a join was refused: the token does not vouch for the service",
                metadata: ["service": "\(request.service)", "peer": "\(call.peer.address)"])
            throw RPCError(.permissionDenied, "the join token does not vouch for '\(request.service)'")
        }
    }
}
