import COpenSSL
import Synchronization

/// The certificates that peers showed, each kept once however many connections it came on.
///
/// OpenSSL keeps the peer's parsed chain with every connection: 8 KiB, a third of an idle mTLS connection, most of it the
/// public key in two forms. The peers of a process are few and connect more than once, so connections share one object.
/// What is shared was verified by each connection for itself, and is equal byte for byte.
final class KnownCertificates: Sendable {
    static let shared = KnownCertificates()

    /// More peers than a service of the mesh has; above it the table begins anew.
    private static let maximum = 512

    private let known = Mutex<[UInt64: Certificate]>([:])

    /// The same certificate as `fresh`, as it came first.
    func original(of fresh: Certificate) -> Certificate {
        let key = fingerprint(fresh)
        return known.withLock { known in
            if let original = known[key], X509_cmp(original.handle.pointer, fresh.handle.pointer) == 0 {
                return original
            }
            if known.count >= KnownCertificates.maximum { known.removeAll() }
            known[key] = fresh
            return fresh
        }
    }

    private func fingerprint(_ certificate: Certificate) -> UInt64 {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        X509_digest(certificate.handle.pointer, EVP_sha256(), &digest, nil)
        return digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
