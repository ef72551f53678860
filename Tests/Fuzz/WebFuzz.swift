import Bytes
@testable import WebProtocols

/// The readers of gRPC-Web and Connect: envelopes, base64 in pieces, the query of a GET.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWeb(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data, count > 1 else { return 0 }
    var input = FuzzInput(data, count)
    let piece = Int(input.octet()) + 1
    let bytes = input.rest()
    let pieces = stride(from: 0, to: bytes.count, by: piece).map { Array(bytes[$0..<min($0 + piece, bytes.count)]) }
    precondition(envelopes([bytes]) == envelopes(pieces), "envelopes are the same however they are cut")
    precondition(base64([bytes]) == base64(pieces), "base64 is the same however it is cut")
    let coded = Base64Stream.encode(Chunk(bytes))
    precondition(base64([coded.array]) == bytes, "octets survive base64")
    _ = try? ConnectQuery(Substring(decoding: bytes, as: UTF8.self))
    return 0
}

private func envelopes(_ pieces: [[UInt8]]) -> [[UInt8]] {
    var reader = EnvelopeReader(limit: 1000)
    var found: [[UInt8]] = []
    for piece in pieces {
        reader.append(Chunk(piece))
        do throws(EnvelopeReader.TooLarge) {
            while let envelope = try reader.next() { found.append([envelope.flags] + envelope.body.array) }
        } catch {
            return found + [[UInt8](repeating: 0xFF, count: 3)]
        }
    }
    return found
}

private func base64(_ pieces: [[UInt8]]) -> [UInt8]? {
    var stream = Base64Stream()
    var bytes: [UInt8] = []
    for piece in pieces {
        guard let decoded = stream.decode(Chunk(piece), end: false) else { return nil }
        bytes += decoded.array
    }
    guard let last = stream.decode(.empty, end: true) else { return nil }
    return bytes + last.array
}
