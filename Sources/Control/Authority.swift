internal import Reactor
internal import ServiceKit
internal import Timebase
internal import Transport

/// Finds or makes the root that the mesh trusts, and keeps the control plane's own certificate fresh.
///
/// Loop-bound. The root lies in the state folder, or comes from outside by `--ca-cert` and `--ca-key`.
final class Authority: @unchecked Sendable {  // touched on its loop alone
    let root: CertificateAuthority
    let identity = IdentityBox()
    private let spiffeID: String
    private let lifetime: Duration
    private let loop: Loop

    /// Long enough that nobody plans for its end by accident, short enough that somebody must once.
    private static let rootValidity = Duration.seconds(10 * 365 * 86_400)

    init(_ config: ControlConfig, loop: Loop, files: any FileStore = SystemFiles()) throws {
        self.loop = loop
        root = try Self.load(config, files, at: loop.wall)
        spiffeID = config.domain.spiffeID(of: "weft-control")
        lifetime = config.leafLifetime
        let pem = root.roots.map(\.pem).joined()
        try files.write(Array(pem.utf8), to: "\(config.stateFolder)/roots.pem", mode: 0o644)
    }

    private static func load(
        _ config: ControlConfig, _ files: any FileStore, at now: WallTime
    ) throws -> CertificateAuthority {
        if let certificate = config.authorityCertificate, let key = config.authorityKey {
            return try CertificateAuthority.load(
                certificatePEM: try files.readText(certificate), keyPEM: try files.readText(key))
        }
        let certificateFile = "\(config.stateFolder)/ca.crt"
        let keyFile = "\(config.stateFolder)/ca.key"
        if files.exists(keyFile) {
            return try CertificateAuthority.load(
                certificatePEM: try files.readText(certificateFile), keyPEM: try files.readText(keyFile))
        }
        let made = try CertificateAuthority.create(
            trustDomain: config.domain.name, validity: rootValidity, now: now)
        try files.write(Array(made.certificate.pem.utf8), to: certificateFile, mode: 0o644)
        try files.write(Array(made.key.pem.utf8), to: keyFile, mode: 0o600)
        return made
    }

    /// Issues the control plane its own certificate, now and at each half-life.
    func start() throws {
        let key = try PrivateKey.generateP256()
        let request = try CertificateRequest.make(key: key, commonName: "weft-control")
        let leaf = try root.issue(request: request, spiffeID: spiffeID, validity: lifetime, now: loop.wall)
        identity.replace(try Identity(chain: [leaf], key: key, roots: root.roots))
        _ = loop.schedule(after: lifetime / 2) { [weak self] in self?.renew() }
    }

    private func renew() {
        do {
            try start()
        } catch {
            // The old certificate is good for the other half of its life: try again well within it.
            _ = loop.schedule(after: lifetime / 20) { [weak self] in self?.renew() }
        }
    }
}
