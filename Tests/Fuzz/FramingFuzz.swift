import Bytes
import RPC

/// gRPC's frames: a body cut anywhere gives the same messages as the whole of it, and the same fault.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFraming(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data, count > 2 else { return 0 }
    var input = FuzzInput(data, count)
    let piece = Int(input.octet()) + 1
    let limit = [4 << 20, 1000, 0, 70_000][Int(input.octet() & 3)]
    let body = input.rest()
    let whole = messages([body], limit)
    var pieces: [[UInt8]] = []
    for start in stride(from: 0, to: body.count, by: piece) {
        pieces.append(Array(body[start..<min(start + piece, body.count)]))
    }
    let cut = messages(pieces, limit)
    precondition(whole.texts == cut.texts && whole.fault == cut.fault, "a body means the same however it is cut")
    precondition(whole.isWithin == cut.isWithin || whole.fault != nil)
    precondition(whole.texts.allSatisfy { $0.count <= limit })
    return 0
}

private func messages(_ pieces: [[UInt8]], _ limit: Int) -> (texts: [[UInt8]], fault: FramingFault?, isWithin: Bool) {
    var deframer = MessageDeframer(maxMessageBytes: limit)
    var texts: [[UInt8]] = []
    for piece in pieces {
        deframer.append(Chunk(piece))
        do throws(FramingFault) {
            while let message = try deframer.next() { texts.append(message.array) }
        } catch {
            return (texts, error, false)
        }
    }
    return (texts, nil, deframer.isWithinMessage)
}
