import Descriptors
import ProtoResolve

/// Text format by table: what is read can be printed, and what was printed reads as the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzText(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data, count > 0 else { return 0 }
    let text = UnsafeRawBufferPointer(start: data, count: count)
    let format = TextFormat(pool: FuzzTables.pool)
    guard let binary = try? format.textToBinary(FuzzTables.table, text) else { return 0 }
    guard let printed = try? format.binaryToText(FuzzTables.table, binary) else { return 0 }
    guard let again = try? format.textToBinary(FuzzTables.table, printed) else {
        preconditionFailure("what was printed does not read back: \(printed)")
    }
    let twice = try? format.binaryToText(FuzzTables.table, again)
    precondition(twice == printed, "what was printed reads back as something else: \(printed)")
    return 0
}
