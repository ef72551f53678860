import COpenSSL
import Timebase

extension Certificate {
    /// keyUsage allows signing certificates or revocation lists.
    var maySign: Bool {
        guard X509_get_extension_flags(handle.pointer) & UInt32(EXFLAG_KUSAGE) != 0 else { return false }
        return X509_get_key_usage(handle.pointer) & UInt32(KU_KEY_CERT_SIGN | KU_CRL_SIGN) != 0
    }

    /// RFC 6125 §6.4, by OpenSSL: alternative names only, a wildcard for the leftmost label.
    func matches(dnsName: String) -> Bool {
        let flags = UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
        return X509_check_host(handle.pointer, dnsName, dnsName.utf8.count, flags, nil) == 1
    }
}

extension WallTime {
    /// `2026-05-04T10:20:30Z`
    var text: String {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
            + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }
}
