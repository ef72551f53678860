/// A name in a mesh: `spiffe://weft.local/ns/default/sa/course` (SPIFFE-ID §2).
///
/// Parsed strictly: two ids are the same name only if they are the same bytes.
public struct SPIFFEID: Hashable, Sendable, CustomStringConvertible {
    /// `weft.local`
    public let trustDomain: String
    /// `/ns/default/sa/course`; empty for the id of a trust domain itself, which only authorities carry.
    public let path: String

    /// SPIFFE-ID §2.3: an implementation must support, and may stop at, 2048 bytes.
    static let maximumLength = 2048

    /// Nil if `text` is not an id.
    public init?(_ text: String) {
        guard text.utf8.count <= SPIFFEID.maximumLength, text.hasPrefix("spiffe://") else { return nil }
        let rest = text.utf8.dropFirst(9)
        let domainEnd = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let domain = rest[..<domainEnd]
        guard !domain.isEmpty, domain.count <= 255, domain.allSatisfy(SPIFFEID.isDomainByte) else { return nil }
        if domainEnd != rest.endIndex {
            let segments = rest[rest.index(after: domainEnd)...].split(
                separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            guard segments.allSatisfy(SPIFFEID.isSegment) else { return nil }
        }
        trustDomain = String(decoding: domain, as: UTF8.self)
        path = String(decoding: rest[domainEnd...], as: UTF8.self)
    }

    public var description: String { "spiffe://\(trustDomain)\(path)" }

    private static func isDomainByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isSegment(_ segment: some Collection<UInt8>) -> Bool {
        guard !segment.isEmpty, segment.allSatisfy({ isDomainByte($0 | ($0 >= 65 && $0 <= 90 ? 0x20 : 0)) }) else {
            return false
        }
        return !(segment.count <= 2 && segment.allSatisfy { $0 == UInt8(ascii: ".") })
    }
}
