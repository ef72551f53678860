import ProtoWire

/// Base64: whatever is read is written as text that reads as the same, in every alphabet, and bytes survive the way.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBase64(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    for (padded, urlSafe) in [(true, false), (false, false), (true, true), (false, true)] {
        let text = Base64.encode(bytes, padded: padded, urlSafe: urlSafe)
        precondition(text.utf8.count == Base64.encodedCount(count, padded: padded), "its length was foretold")
        precondition(Base64.decode(text) == bytes, "it reads back")
    }
    if let read = Base64.decode(String(decoding: bytes, as: UTF8.self)) {
        precondition(Base64.decode(Base64.encode(read)) == read, "what was read survives the way")
    }
    return 0
}
