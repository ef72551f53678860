internal import MeshAPI
internal import ProtoWire
internal import ServiceKit
internal import Timebase
internal import Transport

/// Keeps the roots with their keys, which of them signs, and who holds what, so that a rotation goes on after a restart.
///
///     STATE/roots/FINGERPRINT.crt, .key    each root
///     STATE/roots/signing                  the fingerprint of the one that signs: written last, so that a step is done or not
///     STATE/ca.crt, ca.key                 the root that signs, once more, for other tools
///     STATE/roots.pem                      all roots: what members are given to join with
///     STATE/issued                         the last certificate of each instance, without its key
struct RootStore {
    private let folder: String
    private let files: any FileStore
    /// The root comes from elsewhere by flags: `ca.crt` and `ca.key` are not ours to write.
    private let given: CertificateAuthority?

    /// Long enough that nobody plans for its end by accident, short enough that somebody must once.
    static let rootValidity = Duration.seconds(10 * 365 * 86_400)

    init(_ config: ControlConfig, _ files: any FileStore) throws {
        folder = config.stateFolder
        self.files = files
        given =
            if let certificate = config.authorityCertificate, let key = config.authorityKey {
                try Self.read(certificate, key, files)
            } else {
                nil
            }
    }

    static func read(_ certificate: String, _ key: String, _ files: any FileStore) throws -> CertificateAuthority {
        try CertificateAuthority.load(certificatePEM: files.readText(certificate), keyPEM: files.readText(key))
    }

    /// What was there before, or a new root. A root that flags name for the first time, beside others, is added and does not
    /// sign: that is the first step of a rotation.
    func load(domain: String, at now: WallTime) throws -> RootBook {
        try files.makeFolder("\(folder)/roots")
        var known = try keptRoots()
        if known.isEmpty { known = [try firstRoot(domain: domain, at: now)] }
        let signing = try? files.readText("\(folder)/roots/signing")
        known.sort { left, right in
            left.certificate.fingerprint == signing && right.certificate.fingerprint != signing
        }
        var book = RootBook(known[0])
        for root in known.dropFirst() { try book.add(root, at: now) }
        if let given, !book.prints.contains(given.certificate.fingerprint) { try book.add(given, at: now) }
        restoreHolders(&book)
        try save(book)
        return book
    }

    private func keptRoots() throws -> [CertificateAuthority] {
        try files.list("\(folder)/roots").filter { $0.hasSuffix(".crt") }.sorted().compactMap { name in
            let stem = "\(folder)/roots/\(name.dropLast(4))"
            let certificate = try files.readText("\(stem).crt")
            // What was dropped is empty.
            guard !certificate.isEmpty else { return nil }
            return try CertificateAuthority.load(certificatePEM: certificate, keyPEM: files.readText("\(stem).key"))
        }
    }

    private func firstRoot(domain: String, at now: WallTime) throws -> CertificateAuthority {
        if let given { return given }
        if files.exists("\(folder)/ca.key") { return try Self.read("\(folder)/ca.crt", "\(folder)/ca.key", files) }
        return try CertificateAuthority.create(trustDomain: domain, validity: Self.rootValidity, now: now)
    }

    func save(_ book: RootBook) throws {
        for root in book.roots {
            let stem = "\(folder)/roots/\(root.certificate.fingerprint)"
            try write(root.key.pem, to: "\(stem).key", mode: 0o600)
            try write(root.certificate.pem, to: "\(stem).crt", mode: 0o644)
        }
        try write(book.roots.map(\.certificate.pem).joined(), to: "\(folder)/roots.pem", mode: 0o644)
        try write(book.signing, to: "\(folder)/roots/signing", mode: 0o644)
        guard given == nil else { return }
        try write(book.signer.certificate.pem, to: "\(folder)/ca.crt", mode: 0o644)
        try write(book.signer.key.pem, to: "\(folder)/ca.key", mode: 0o600)
    }

    /// Its key is worth nothing to anybody from now on, and is not left lying about.
    func erase(_ root: CertificateAuthority) throws {
        let stem = "\(folder)/roots/\(root.certificate.fingerprint)"
        try write("", to: "\(stem).crt", mode: 0o644)
        try write("", to: "\(stem).key", mode: 0o600)
    }

    private func write(_ text: String, to path: String, mode: UInt32) throws {
        let bytes = Array(text.utf8)
        if let old = try? files.read(path), old == bytes { return }
        try files.write(bytes, to: path, mode: mode)
    }

    // MARK: Who holds what

    private func restoreHolders(_ book: inout RootBook) {
        guard let bytes = try? files.read("\(folder)/issued"),
            let kept = try? WeftControlV1.IssuedLeaves(decoding: bytes)
        else { return }
        for leaf in kept.leaves {
            book.restore(
                .init(service: leaf.service, instance: leaf.instance),
                .init(root: leaf.root, notAfter: WallTime(seconds: leaf.notAfter), trusts: Set(leaf.trusts)))
        }
    }

    func saveHolders(_ book: RootBook) {
        var kept = WeftControlV1.IssuedLeaves()
        kept.leaves = book.holders.map { member, holder in
            var leaf = WeftControlV1.IssuedLeaf()
            leaf.service = member.service
            leaf.instance = member.instance
            leaf.root = holder.root
            leaf.notAfter = holder.notAfter.seconds
            leaf.trusts = holder.trusts.sorted()
            return leaf
        }
        // What cannot be kept still serves until the restart; the folder was writable at start.
        try? files.write(kept.encoded(), to: "\(folder)/issued", mode: 0o600)
    }
}
