internal import MeshAPI
internal import RPC
internal import Reactor
internal import Timebase
internal import Transport

/// The rotation of roots over RPC: any member looks, operators take the steps.
final class RootsService: WeftControlV1.Roots {
    private let authority: Authority
    private let domain: TrustDomain
    private let operators: Set<String>

    init(_ authority: Authority, domain: TrustDomain, operators: Set<String>) {
        self.authority = authority
        self.domain = domain
        self.operators = operators
    }

    func listRoots(
        _ request: WeftControlV1.ListRootsRequest, in call: Call
    ) async throws -> WeftControlV1.ListRootsResponse {
        _ = try Member(of: call, in: domain)
        var response = WeftControlV1.ListRootsResponse()
        response.roots = roots
        return response
    }

    func addRoot(_ request: WeftControlV1.AddRootRequest, in call: Call) async throws -> WeftControlV1.AddRootResponse {
        guard request.certificateFile.isEmpty == request.keyFile.isEmpty else {
            throw RPCError(.invalidArgument, "certificate_file and key_file are given together or not at all")
        }
        try step(call) { try authority.addRoot(certificateFile: request.certificateFile, keyFile: request.keyFile) }
        var response = WeftControlV1.AddRootResponse()
        response.roots = roots
        return response
    }

    func useRoot(_ request: WeftControlV1.UseRootRequest, in call: Call) async throws -> WeftControlV1.UseRootResponse {
        try step(call) { try authority.useRoot(request.fingerprint, force: request.force) }
        var response = WeftControlV1.UseRootResponse()
        response.roots = roots
        return response
    }

    func dropRoot(
        _ request: WeftControlV1.DropRootRequest, in call: Call
    ) async throws -> WeftControlV1.DropRootResponse {
        try step(call) { try authority.dropRoot(request.fingerprint, force: request.force) }
        var response = WeftControlV1.DropRootResponse()
        response.roots = roots
        return response
    }

    private func step(_ call: Call, _ take: () throws -> Void) throws {
        let member = try Member(of: call, in: domain)
        guard operators.contains(member.service) else {
            throw RPCError(.permissionDenied, "'\(member.service)' may not change roots: it is none of --operators")
        }
        do {
            try take()
        } catch let refusal as RootBook.Refusal {
            throw RPCError(.failedPrecondition, refusal.text)
        } catch {
            throw RPCError(.internal, "the step could not be taken: \(error)")
        }
    }

    private var roots: [WeftControlV1.Root] {
        let book = authority.book
        let now = authority.loop.wall
        return book.roots.map { root in
            let print = root.certificate.fingerprint
            var message = WeftControlV1.Root()
            message.fingerprint = print
            message.subject = root.certificate.subject
            message.notBefore = root.certificate.notBefore.seconds
            message.notAfter = root.certificate.notAfter.seconds
            message.isSigning = print == book.signing
            message.holders = book.holders(of: print, at: now).map(\.description)
            message.lastLeafEnds = book.lastEnd(of: print, at: now)?.seconds ?? 0
            message.untold = book.untold(of: print, at: now).map(\.description)
            return message
        }
    }
}
