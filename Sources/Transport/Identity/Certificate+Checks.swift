import COpenSSL
import Timebase

/// What a certificate's key may be used for (RFC 5280 §4.2.1.3).
struct KeyUsage: OptionSet {
    let rawValue: UInt32

    static let digitalSignature = KeyUsage(rawValue: UInt32(KU_DIGITAL_SIGNATURE))
    static let keyCertSign = KeyUsage(rawValue: UInt32(KU_KEY_CERT_SIGN))
    static let cRLSign = KeyUsage(rawValue: UInt32(KU_CRL_SIGN))
}

extension Certificate {
    /// How far the clock of whoever judges a certificate may be wrong (DESIGN §6).
    static let clockSkew: Int64 = 20

    /// Nil if the certificate says nothing of it.
    var keyUsage: KeyUsage? {
        guard X509_get_extension_flags(handle.pointer) & UInt32(EXFLAG_KUSAGE) != 0 else { return nil }
        return KeyUsage(rawValue: X509_get_key_usage(handle.pointer))
    }

    /// keyUsage allows signing certificates or revocation lists.
    var maySign: Bool { keyUsage?.isDisjoint(with: [.keyCertSign, .cRLSign]) == false }

    /// extendedKeyUsage is absent, or names the server's and the client's role (X509-SVID §4.4).
    var servesBothWays: Bool { weft_serves_both_ways(handle.pointer) == 1 }

    var isOnP256: Bool { X509_get0_pubkey(handle.pointer).map { weft_is_p256($0) == 1 } ?? false }

    /// SHA-256 of the whole certificate, in hexadecimal digits: its name among people and other tools.
    public var fingerprint: String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        X509_digest(handle.pointer, EVP_sha256(), &digest, &count)
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: digest.prefix(Int(count)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// RFC 6125 §6.4, by OpenSSL: alternative names only, a wildcard for the leftmost label. An address must be there as one
    /// (RFC 2818 §3.1).
    func matches(dnsName: String) -> Bool {
        if Certificate.isAddress(dnsName) { return X509_check_ip_asc(handle.pointer, dnsName, 0) == 1 }
        let flags = UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
        return X509_check_host(handle.pointer, dnsName, dnsName.utf8.count, flags, nil) == 1
    }

    static func isAddress(_ name: String) -> Bool { weft_is_address(name) == 1 }

    /// The time by which the certificate is judged at `time`: the nearest at which it is valid, if that is within the skew.
    func judgingTime(at time: Int64) -> Int64 {
        let begin = notBefore.seconds
        let end = notAfter.seconds - 1  // OpenSSL takes the last second for expired
        if time < begin, begin - time <= Certificate.clockSkew { return begin }
        if time > end, time - end <= Certificate.clockSkew { return end }
        return time
    }
}

extension WallTime {
    /// `2026-05-04T10:20:30Z`
    package var text: String {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
            + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }
}
