import Timebase
package import Transport

/// TLS in a simulation: an authority of its own, identities of it, and chance that the seed decides.
package final class SimulatedSecurity {
    package let server: ServerSecurity
    package let client: ClientSecurity

    package init(_ simulation: Simulation) throws {
        var boxes: [IdentityBox] = []
        try simulation.drawing { boxes = try SimulatedSecurity.identities(simulation.wall) }
        server = .tls(TLSServerContext(identity: boxes[0], expect: .anySpiffe(inDomain: "sim.local")))
        client = .tls(TLSClientContext(identity: boxes[1], serverRule: .anySpiffe(inDomain: "sim.local")))
    }

    private static func identities(_ now: WallTime) throws -> [IdentityBox] {
        let authority = try CertificateAuthority.create(
            trustDomain: "sim.local", validity: .seconds(30 * 86_400), now: now)
        func box(_ name: String) throws -> IdentityBox {
            let key = try PrivateKey.generateP256()
            let leaf = try authority.issue(
                request: CertificateRequest.make(key: key, commonName: name),
                spiffeID: "spiffe://sim.local/ns/sim/sa/\(name)", validity: .seconds(86_400), now: now)
            return IdentityBox(try Identity(chain: [leaf], key: key, roots: authority.roots))
        }
        return [try box("server"), try box("client")]
    }
}
