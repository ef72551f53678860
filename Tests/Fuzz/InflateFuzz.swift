import Bytes
import Compression

/// Compressed messages: what inflates is within its bound, an inflater keeps nothing of the one before, and what was read
/// survives deflating.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzInflate(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data, count > 1 else { return 0 }
    let encoding: MessageEncoding = data[0] & 1 == 0 ? .gzip : .deflate
    let limit = [1 << 20, 100, 0, 5000][Int(data[0] >> 1 & 3)]
    let bytes = UnsafeRawBufferPointer(start: data + 1, count: count - 1)
    var inflater = Inflater(encoding)
    let first = inflate(&inflater, bytes, limit)
    let second = inflate(&inflater, bytes, limit)
    precondition(first == second, "an inflater remembers what it has read")
    // The input as a message, too: it is read by an inflater that has seen much.
    var deflater = Deflater(encoding, level: Int(data[0] >> 3) % 9 + 1)
    let message = first ?? Array(bytes)
    let compressed = message.withUnsafeBytes { deflater.compress($0, headroom: 5) }
    let again = compressed.withUnsafeBytes { inflate(&inflater, $0, max(message.count, 1)) }
    precondition(again == message, "what was deflated inflates to something else")
    return 0
}

private func inflate(_ inflater: inout Inflater, _ bytes: UnsafeRawBufferPointer, _ limit: Int) -> [UInt8]? {
    do throws(InflateError) {
        let message = try inflater.inflate(bytes, limit: limit)
        precondition(message.count <= limit, "a message is within its bound")
        return message.array
    } catch {
        return nil
    }
}
