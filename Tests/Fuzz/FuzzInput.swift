/// The octets of a fuzzer's input, taken from the front: what is not there is 0 or empty.
struct FuzzInput {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    init(_ data: UnsafePointer<UInt8>, _ count: Int) {
        bytes = UnsafeBufferPointer(start: data, count: count)
    }

    var isEmpty: Bool { at >= bytes.count }

    mutating func octet() -> UInt8 {
        guard at < bytes.count else { return 0 }
        defer { at += 1 }
        return bytes[at]
    }

    /// At most `count` octets.
    mutating func take(_ count: Int) -> [UInt8] {
        let end = min(at + count, bytes.count)
        defer { at = end }
        return Array(bytes[min(at, end)..<end])
    }

    mutating func rest() -> [UInt8] { take(bytes.count) }
}
