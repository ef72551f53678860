import Exchange
import MeshAPI
import RPC
import Reactor
import Timebase
import Transport

// The handshakes that failed and those that did not, for `weft tls`.
extension AdminService {
    func listHandshakes(
        _ request: WeftAdminV1.ListHandshakesRequest, in call: Call
    ) async throws -> WeftAdminV1.ListHandshakesResponse {
        var response = WeftAdminV1.ListHandshakesResponse()
        response.handshakes = sidecar.identity.journal.all
            .filter { request.peer.isEmpty || $0.concerns(request.peer) }
            .map(WeftAdminV1.Handshake.init)
        response.own = sidecar.identity.current?.chain.map(WeftAdminV1.PresentedCertificate.init) ?? []
        response.roots = sidecar.identity.current?.roots.map(WeftAdminV1.PresentedCertificate.init) ?? []
        response.nowMs = sidecar.loop.wall.milliseconds
        return response
    }
}

extension HandshakeRecord {
    /// `peer` is a service's name, an id or an address: of who was expected, of who came, or of where.
    fileprivate func concerns(_ peer: String) -> Bool {
        let names = [expected.description, peerAddress] + (presented.first?.uris ?? [])
        return names.contains { $0 == peer || $0.hasSuffix("/\(peer)") }
    }
}

extension WeftAdminV1.Handshake {
    fileprivate init(_ record: HandshakeRecord) {
        self.init()
        atMs = record.at.milliseconds
        direction = record.direction.rawValue
        peerAddress = record.peerAddress
        expected = record.expected.description
        presented = record.presented.map(WeftAdminV1.PresentedCertificate.init)
        peerId = record.peerID ?? ""
        ownId = record.own.map { $0.spiffeID ?? $0.subject } ?? ""
        times = UInt32(clamping: record.times)
        succeeded = record.check == nil
        rule = record.check?.rawValue ?? ""
        check = record.failure?.cause.rawValue ?? ""
        detail = record.failure?.detail ?? ""
    }
}

extension WeftAdminV1.PresentedCertificate {
    fileprivate init(_ certificate: Certificate) {
        self.init()
        subject = certificate.subject
        issuer = certificate.issuer
        uris = certificate.uris
        dnsNames = certificate.dnsNames
        notBefore = certificate.notBefore.seconds
        notAfter = certificate.notAfter.seconds
        isAuthority = certificate.isAuthority
        fingerprint = certificate.fingerprint
    }
}
