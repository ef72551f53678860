package import Bytes
package import Timebase

/// What frames bytes and compresses headers for an `HTTP2Session`; its members mean what the session's mean.
///
/// The wall between the session and a library: no type of the library passes it, and what passes it can be compared
/// between two engines event by event.
package protocol HTTP2Engine: AnyObject {
    func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTP2ConnectionError)
    func receive(_ chunk: Chunk) throws(HTTP2ConnectionError)
    func nextEvent() -> HTTP2Event?
    func reach(_ now: Instant)

    func openStream(_ head: Fields, end: Bool) throws(HTTP2StreamError) -> Int32
    func send(head: Fields, on stream: Int32, end: Bool)
    func send(_ chunk: Chunk, on stream: Int32, end: Bool)
    func send(trailers: Fields, on stream: Int32)
    func reset(_ stream: Int32, code: UInt32)
    func consume(_ count: Int, on stream: Int32)
    func queuedBytes(on stream: Int32) -> Int
    func room(on stream: Int32) -> Int

    func ping(_ opaque: UInt64)
    func shutdownNotice()
    func goAway(code: UInt32, debug: String)
    func takeOutput(_ limit: Int, _ write: (UnsafeRawBufferPointer) -> Void) -> Bool
    func takeOutput(_ limit: Int, into chain: OutputChain) -> Bool
    func trim()

    var hasOutput: Bool { get }
    var wantsClose: Bool { get }
    var activeStreams: Int { get }
    var peerMaxConcurrentStreams: Int { get }
    var lastPeerStream: Int32 { get }
}
