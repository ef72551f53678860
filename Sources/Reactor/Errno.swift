import Glibc

/// What `errno` value `code` means, in words: `Connection refused`.
public func errorText(_ code: Int32) -> String {
    // strerror is not safe for threads in C's eyes; glibc's answers for known codes are constants in the C locale.
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
