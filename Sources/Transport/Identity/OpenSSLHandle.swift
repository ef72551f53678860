import COpenSSL

/// An object of OpenSSL that is freed with its last user.
///
/// Handles are shared between threads as values: OpenSSL counts references atomically, and nothing here changes an object
/// after it was made.
final class OpenSSLHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    private let free: (OpaquePointer?) -> Void

    init(_ pointer: OpaquePointer, free: @escaping @Sendable (OpaquePointer?) -> Void) {
        self.pointer = pointer
        self.free = free
    }

    deinit {
        free(pointer)
    }
}

/// Tells OpenSSL, before its first use, to clean nothing up when the process exits.
///
/// `exit` runs on one thread while loops still run on others: with OpenSSL's exit handler they would lose its locks and
/// crash (OPENSSL_init_crypto(3), "OPENSSL_INIT_NO_ATEXIT"). The kernel takes the memory back all the same.
let openSSLIsReady: Void = {
    OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
}()

/// Why OpenSSL refused, from its queue of errors of this thread, which is empty after.
func takeOpenSSLErrors() -> String {
    var texts: [String] = []
    while case let code = ERR_get_error(), code != 0 {
        texts.append(ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)")
    }
    return texts.isEmpty ? "no reason given" : texts.joined(separator: ", ")
}

/// What `write` puts into a memory BIO.
func bytesWritten(_ write: (OpaquePointer) -> Bool) -> [UInt8]? {
    _ = openSSLIsReady
    guard let bio = BIO_new(BIO_s_mem()) else { return nil }
    defer { BIO_free(bio) }
    guard write(bio) else { return nil }
    var start: UnsafeMutablePointer<CChar>?
    let count = weft_bio_bytes(bio, &start)
    return UnsafeRawBufferPointer(start: start, count: count).map { $0 }
}

/// Calls `read` with a BIO over `bytes`.
func readingBytes<Result>(_ bytes: [UInt8], _ read: (OpaquePointer) -> Result?) -> Result? {
    _ = openSSLIsReady
    return bytes.withUnsafeBytes { buffer in
        guard let bio = BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)) else { return nil }
        defer { BIO_free(bio) }
        return read(bio)
    }
}
