import Bytes
import CNghttp2

final class NGHTTP2Engine: HTTP2Engine {
    init(role: HTTP2Session.Role, settings: HTTP2Settings, limits: HTTP2Limits) {}
    func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTP2ConnectionError) {}
    func nextEvent() -> HTTP2Event? { nil }
    func openStream(_ head: Fields, end: Bool) throws(HTTP2StreamError) -> Int32 { 0 }
    func send(head: Fields, on stream: Int32, end: Bool) {}
    func send(_ chunk: Chunk, on stream: Int32, end: Bool) {}
    func send(trailers: Fields, on stream: Int32) {}
    func reset(_ stream: Int32, code: UInt32) {}
    func consume(_ count: Int, on stream: Int32) {}
    func queuedBytes(on stream: Int32) -> Int { 0 }
    func room(on stream: Int32) -> Int { 0 }
    func ping(_ opaque: UInt64) {}
    func shutdownNotice() {}
    func goAway(code: UInt32, debug: String) {}
    func takeOutput(_ limit: Int, _ write: (UnsafeRawBufferPointer) -> Void) -> Bool { false }
    var hasOutput: Bool { false }
    var wantsClose: Bool { false }
    var activeStreams: Int { 0 }
    var peerMaxConcurrentStreams: Int { 0 }
    var lastPeerStream: Int32 { 0 }
}
