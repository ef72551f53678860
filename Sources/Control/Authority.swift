internal import Logging
internal import Reactor
internal import ServiceKit
internal import Timebase
internal import Transport

/// Issues certificates by the root that signs, keeps the control plane's own one fresh, and takes the steps of a rotation.
///
/// Loop-bound. The roots lie in the state folder; the first may come from outside by `--ca-cert` and `--ca-key`.
final class Authority: @unchecked Sendable {  // touched on its loop alone
    let identity = IdentityBox()
    /// The set of roots has changed: members must hear of it.
    var onRootsChange: (([[UInt8]]) -> Void)?
    private(set) var book: RootBook
    private let store: RootStore
    private let files: any FileStore
    private let spiffeID: String
    private let lifetime: Duration
    let loop: Loop
    private let log: Logger
    private var renewal: LoopTimer?
    private var saving: LoopTimer?

    /// The longest that the control plane's own certificate rests, as that of any member.
    private static let longestRest = Duration.seconds(30 * 60)
    /// Between two times that the holders are written: a mesh that starts asks for many certificates at once.
    private static let saveInterval = Duration.seconds(1)

    init(_ config: ControlConfig, loop: Loop, log: Logger, files: any FileStore = SystemFiles()) throws {
        self.loop = loop
        self.log = log
        self.files = files
        store = try RootStore(config, files)
        book = try store.load(domain: config.domain.name, at: loop.wall)
        spiffeID = config.domain.spiffeID(of: ServiceName.control)
        lifetime = config.leafLifetime
    }

    var roots: [Certificate] { book.roots.map(\.certificate) }

    // MARK: Certificates

    /// Issues the control plane its own certificate, now and at each half-life.
    func start() throws {
        let key = try PrivateKey.generateP256()
        let request = try CertificateRequest.make(key: key, commonName: ServiceName.control)
        let leaf = try book.signer.issue(request: request, spiffeID: spiffeID, validity: lifetime, now: loop.wall)
        identity.replace(try Identity(chain: [leaf], key: key, roots: roots))
        renewLater(after: min(lifetime / 2, Self.longestRest))
    }

    private func renewLater(after delay: Duration) {
        renewal?.cancel()
        renewal = loop.schedule(after: delay) { [weak self] in
            guard let self else { return }
            do {
                try start()
            } catch {
                log.error("the control plane cannot renew its own certificate", metadata: ["error": "\(error)"])
                // The old certificate is good for the other half of its life: try again well within it.
                renewLater(after: lifetime / 20)
            }
        }
    }

    /// Signs a key for an instance of a service that has proved who it is.
    func issue(
        _ request: CertificateRequest, spiffeID: String, to member: RootBook.Member
    ) throws -> Certificate {
        let now = loop.wall
        let leaf = try book.signer.issue(request: request, spiffeID: spiffeID, validity: lifetime, now: now)
        book.issued(to: member, until: leaf.notAfter, at: now)
        saveLater()
        return leaf
    }

    func heard(_ member: RootBook.Member, trusts prints: [String]) {
        book.heard(member, trusts: Set(prints))
        saveLater()
    }

    private func saveLater() {
        guard saving == nil else { return }
        saving = loop.schedule(after: Self.saveInterval) { [weak self] in
            guard let self else { return }
            saving = nil
            store.saveHolders(book)
        }
    }

    // MARK: Roots

    /// The first step: a root from these files, or a new one.
    func addRoot(certificateFile: String, keyFile: String) throws {
        let root =
            if certificateFile.isEmpty, keyFile.isEmpty {
                try CertificateAuthority.create(
                    trustDomain: book.signer.trustDomain, validity: RootStore.rootValidity, now: loop.wall)
            } else {
                try RootStore.read(certificateFile, keyFile, files)
            }
        var next = book
        try next.add(root, at: loop.wall)
        try take(next)
        log.notice("a root was added; members are told to trust it", metadata: describe(root))
    }

    /// The second step: it signs from now on, the control plane's own certificate first.
    func useRoot(_ prefix: String, force: Bool) throws {
        var next = book
        try next.use(prefix, force: force, at: loop.wall)
        try take(next)
        try start()
        log.notice("another root signs from now on", metadata: describe(book.signer))
    }

    /// The third step.
    func dropRoot(_ prefix: String, force: Bool) throws {
        var next = book
        let dropped = try next.drop(prefix, force: force, at: loop.wall)
        try take(next)
        try store.erase(dropped)
        log.notice("a root was dropped; nobody is to trust it any more", metadata: describe(dropped))
    }

    /// What cannot be kept is not done: after a restart the mesh would stand elsewhere.
    private func take(_ next: RootBook) throws {
        try store.save(next)
        book = next
        if let current = identity.current { identity.replace(try current.trusting(roots)) }
        store.saveHolders(book)
        onRootsChange?(roots.map(\.der))
    }

    private func describe(_ root: CertificateAuthority) -> Logger.Metadata {
        [
            "root": "\(root.certificate.fingerprint)", "subject": "\(root.certificate.subject)",
            "not_after": "\(root.certificate.notAfter.rfc3339)",
        ]
    }
}
