import Bytes
import HTTP1

/// HTTP/1.1 requests: bytes cut anywhere mean the same as the whole of them, and every request can be answered.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP1(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data, count > 1 else { return 0 }
    var input = FuzzInput(data, count)
    let piece = Int(input.octet()) + 1
    let bytes = input.rest()
    let whole = talk(bytes, piece: max(bytes.count, 1))
    let cut = talk(bytes, piece: piece)
    precondition(whole.heard == cut.heard, "requests mean the same however they are cut")
    precondition(whole.said == cut.said, "answers are the same however requests are cut")
    return 0
}

/// What a server hears, bodies joined, and what it says, if it answers each request at its end.
private func talk(_ bytes: [UInt8], piece: Int) -> (heard: [String], said: [UInt8]) {
    let session = HTTP1Session()
    var heard: [String] = []
    var body: [UInt8] = []
    var said: [UInt8] = []
    func answer() {
        heard.append("body \(body)")
        body = []
        session.send(head: [":status": "200", "content-length": "2"], end: false)
        session.send(Chunk([0x6F, 0x6B]), end: true)
    }
    func takeEvents() {
        while let event = session.nextEvent() {
            switch event {
            case .request(let fields, let end):
                heard.append(fields.map { "\($0.name)=\($0.value)" }.joined(separator: "\n"))
                if end { answer() }
            case .chunk(let chunk, let end):
                session.consume(chunk.count)
                body += chunk.array
                if end { answer() }
            case .trailers(let fields):
                heard.append("trailers " + fields.map { "\($0.name)=\($0.value)" }.joined(separator: "\n"))
                answer()
            case .drained: break
            case .finished: heard.append("finished")
            case .failed(let fault):
                // How much of a body came before its fault depends on the cuts.
                body = []
                heard.append("failed \(fault.status) \(fault.reason)")
            }
            _ = session.takeOutput { said.append(contentsOf: $0) }
        }
    }
    for start in stride(from: 0, to: bytes.count, by: piece) {
        bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes { session.receive($0) }
        takeEvents()
        _ = session.takeOutput { said.append(contentsOf: $0) }
    }
    session.receiveEnd()
    takeEvents()
    _ = session.takeOutput { said.append(contentsOf: $0) }
    return (heard, said)
}
