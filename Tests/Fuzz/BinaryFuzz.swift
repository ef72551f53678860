import BenchAPI
import Bytes
import Descriptors
import ProtoWire
import WellKnown

/// The binary codec: generated messages, and the same bytes by table. What was read is written, and reads back as itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBinary(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data, count > 0 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: data, count: count).dropFirst())
    switch data[0] % 5 {
    case 0: check(BenchCodec.Course.self, bytes)
    case 1: check(BenchCodec.Small.self, bytes)
    case 2: check(BenchCodec.Struct.self, bytes)
    case 3: check(GoogleProtobuf.FileDescriptorProto.self, bytes)
    default: checkDynamic(bytes)
    }
    return 0
}

private func check<M: Message>(_ type: M.Type, _ bytes: [UInt8]) {
    guard let message = try? M(decoding: bytes) else { return }
    let once = message.encoded()
    guard let again = try? M(decoding: once) else { preconditionFailure("what was written does not read back") }
    precondition(again.encoded() == once, "what was written reads back as something else")
}

/// The table codec reads what a message of descriptors could be.
private func checkDynamic(_ bytes: [UInt8]) {
    let table = FuzzTables.table
    guard let message = try? DynamicMessage(table, decoding: bytes), let once = try? message.canonicalBytes() else {
        return
    }
    guard let again = try? DynamicMessage(table, decoding: once), let twice = try? again.canonicalBytes() else {
        preconditionFailure("what was written does not read back")
    }
    precondition(once == twice, "what was written reads back as something else")
}
