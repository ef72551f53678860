import Bytes
@testable import RPC
import Timebase

/// What gRPC puts into header fields: percent-coded messages, timeouts, content types, `-bin` values, statuses, reasons.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMetadata(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data, count > 0 else { return 0 }
    let bytes = UnsafeBufferPointer(start: data, count: count)
    let text = String(decoding: bytes, as: UTF8.self)
    checkPercent(bytes, text)
    if let timeout = GRPCTimeout.parse(bytes) {
        let written = GRPCTimeout.text(for: timeout)
        precondition(2...9 ~= written.utf8.count)
        guard let again = GRPCTimeout.parse(written) else { preconditionFailure("what was written does not read back") }
        precondition(again >= timeout || again == GRPCTimeout.parse("99999999H"), "a timeout is rounded up")
    }
    if ContentType.isGRPC(bytes) { precondition(text.hasPrefix("application/grpc")) }
    checkFields(bytes)
    if let why = Why(bytes: Array(bytes)) { _ = (why.reason, Why(bytes: why.encoded())) }
    return 0
}

private func checkPercent(_ bytes: UnsafeBufferPointer<UInt8>, _ text: String) {
    _ = PercentCoding.decode(bytes)
    let coded = PercentCoding.encode(text)
    precondition(coded.utf8.allSatisfy { 0x20...0x7E ~= $0 }, "a message travels as printable text")
    precondition(PercentCoding.decode(coded) == text, "a message survives the way")
}

/// Lines `name: value` as what a peer sent.
private func checkFields(_ bytes: UnsafeBufferPointer<UInt8>) {
    var fields = Fields()
    for line in bytes.split(separator: UInt8(ascii: "\n")).prefix(64) {
        let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count <= 1000 else { continue }
        fields.append(
            name: UnsafeBufferPointer(rebasing: parts[0]), value: UnsafeBufferPointer(rebasing: parts[1]),
            isSensitive: false)
    }
    let metadata = Metadata(received: fields)
    for (name, value) in metadata {
        precondition(!name.hasPrefix("grpc-") && !name.hasPrefix(":"), "what is gRPC's own is no metadata")
        if name.hasSuffix("-bin") {
            for octets in metadata.binaryValues(name) {
                var again = Metadata()
                guard (try? again.add(name, bytes: octets)) != nil else { continue }
                precondition(again.binaryValues(name) == [octets], "octets survive the way")
            }
        }
        var again = Metadata()
        if (try? again.add(name, value)) != nil { precondition(again[name] != nil) }
    }
    let status = StatusTrailers(fields)
    if let error = StatusTrailers.error(in: fields) {
        precondition(error.code == status.code)
        var written = Fields()
        StatusTrailers.append(error, to: &written)
        let again = StatusTrailers(written)
        precondition(again.code == error.code, "a status survives the way")
    }
}
