import Glibc

/// The runner's side of the talk: each frame is a length of four bytes, little-endian, and as many bytes.
///
/// Reading and writing block, since the runner sends one request at a time and waits for its answer.
struct Frames {
    /// More than the runner's largest request, which is some megabytes; a longer one is a broken stream.
    static let maximumLength = 1 << 28

    enum Failure: Error {
        case truncated
        case tooLong(Int)
        case unwritable(Int32)
    }

    /// The next request, or nil when the runner has no more.
    func next() throws(Failure) -> [UInt8]? {
        guard let prefix = try read(4) else { return nil }
        let length = prefix.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= Frames.maximumLength else { throw .tooLong(length) }
        guard let bytes = try read(length) else { throw .truncated }
        return bytes
    }

    func answer(_ bytes: [UInt8]) throws(Failure) {
        let count = UInt32(bytes.count)
        try write((0..<4).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) } + bytes)
    }

    /// Exactly so many bytes, or nil if the stream ends before the first.
    private func read(_ count: Int) throws(Failure) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(STDIN_FILENO, buffer.baseAddress.map { $0 + filled }, count - filled)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else {
                if filled == 0, got == 0 { return nil }
                throw .truncated
            }
            filled += got
        }
        return bytes
    }

    private func write(_ bytes: [UInt8]) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let put = bytes.withUnsafeBytes { buffer in
                Glibc.write(STDOUT_FILENO, buffer.baseAddress.map { $0 + sent }, bytes.count - sent)
            }
            if put < 0, errno == EINTR { continue }
            guard put > 0 else { throw .unwritable(errno) }
            sent += put
        }
    }
}
