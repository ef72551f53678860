import Descriptors
import ProtoResolve

/// JSON by table: what is read can be printed, and what was printed reads as the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data, count > 0 else { return 0 }
    let text = UnsafeRawBufferPointer(start: data, count: count)
    let transcoder = JSONTranscoder(pool: FuzzTables.pool)
    var options = JSONTranscoder.ParseOptions()
    options.ignoresUnknown = count % 2 == 0
    guard let binary = try? transcoder.jsonToBinary(FuzzTables.table, text, options) else { return 0 }
    // Some messages have no JSON form, such as an `Any` of an unknown type.
    guard let printed = try? transcoder.binaryToJSON(FuzzTables.table, binary) else { return 0 }
    guard let again = try? transcoder.jsonToBinary(FuzzTables.table, printed) else {
        preconditionFailure("what was printed does not read back: \(printed)")
    }
    let twice = try? transcoder.binaryToJSON(FuzzTables.table, again)
    precondition(twice == printed, "what was printed reads back as something else: \(printed)")
    return 0
}
