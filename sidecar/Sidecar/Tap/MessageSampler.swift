import Bytes

/// Finds gRPC's messages in the bytes of one direction, and keeps of each as much as is wanted.
///
///     prefix (compressed?, size) ──▶ size bytes ──▶ prefix ...
///
/// It only looks: bytes that are no messages make no error here, whoever they are for says what is wrong with them.
struct MessageSampler {
    struct Sample: Equatable {
        var size: Int
        var content: [UInt8]
        var isCompressed: Bool
    }

    /// gRPC over HTTP/2, "Length-Prefixed-Message".
    private static let prefixLength = 5

    private let keeps: Int
    private var prefix: [UInt8] = []
    private var sample: Sample?
    private var remaining = 0

    /// - Parameter keeps: so many bytes of a message.
    init(keeps: Int) {
        self.keeps = keeps
    }

    /// The messages that end in the chunk.
    mutating func take(_ chunk: Chunk) -> [Sample] {
        var whole: [Sample] = []
        var rest = chunk.array[...]
        // Each turn takes a byte at least.
        while !rest.isEmpty {
            if sample == nil {
                let missing = Self.prefixLength - prefix.count
                prefix += rest.prefix(missing)
                rest = rest.dropFirst(missing)
                guard prefix.count == Self.prefixLength else { return whole }
                begin()
            } else {
                let part = rest.prefix(remaining)
                let kept = sample?.content.count ?? 0
                sample?.content += part.prefix(max(0, keeps - kept))
                remaining -= part.count
                rest = rest.dropFirst(part.count)
            }
            if remaining == 0, let message = sample {
                whole.append(message)
                sample = nil
            }
        }
        return whole
    }

    private mutating func begin() {
        remaining = prefix[1...].reduce(0) { $0 << 8 | Int($1) }
        sample = Sample(size: remaining, content: [], isCompressed: prefix[0] & 1 == 1)
        prefix = []
    }
}
