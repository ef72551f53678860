public import Bytes
public import Timebase

/// One HTTP/2 connection without its socket: bytes in, events out; commands in, bytes out (RFC 9113).
///
///     receive ──▶ nextEvent*          commands ──▶ takeOutput ──▶ nextEvent*
///
/// The one law: **after `receive`, after commands and after `takeOutput`, take events until there are none.** Each stream
/// that a peer opened (`head`) or that `openStream` returned ends with exactly one of `closed` and `reset`; from then on
/// its id is stale, and commands that name it are ignored, so that nobody needs to ask whether a stream is still there.
/// The exception is a connection error: when `receive` throws, or the socket closed, all streams are over without events.
///
/// The session belongs to one loop and is touched there alone. Which library frames the bytes is behind `HTTP2Engine`.
public final class HTTP2Session {
    public enum Role: Sendable {
        case client, server
    }

    /// Who does framing and header compression.
    public enum EngineKind: String, Sendable, CaseIterable {
        /// Our own.
        case native
        /// Around libnghttp2.
        case nghttp2
    }

    public let role: Role
    public let limits: HTTP2Limits
    private let engine: any HTTP2Engine

    /// A session whose first output is the preface with our settings.
    public init(
        role: Role, settings: HTTP2Settings = HTTP2Settings(), limits: HTTP2Limits = HTTP2Limits(),
        engine: EngineKind = .native
    ) {
        self.role = role
        self.limits = limits
        switch engine {
        case .native: self.engine = NativeEngine(role: role, settings: settings, limits: limits)
        case .nghttp2: self.engine = NGHTTP2Engine(role: role, settings: settings, limits: limits)
        }
    }

    // MARK: What the peer does

    /// Takes bytes that came from the peer, all of them.
    ///
    /// After a throw the connection is lost: take the output once more (it holds the GOAWAY that tells the peer why), write
    /// it, and close. Bytes received after that are ignored.
    public func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTP2ConnectionError) {
        try engine.receive(bytes)
    }

    /// The same for bytes that a chunk holds: a large DATA payload may be handed on as a part of it, without a copy.
    public func receive(_ chunk: Chunk) throws(HTTP2ConnectionError) {
        try engine.receive(chunk)
    }

    /// Says what time it is, for budgets that time refills (`HTTP2Limits.resetsPerSecond`): call it before `receive`.
    ///
    /// Nothing depends on it but that: a session that is never told refills them by streams that end well, which is the
    /// stricter half. nghttp2 reads a clock of its own.
    public func reach(_ now: Instant) { engine.reach(now) }

    /// The next thing that happened, or nil.
    public func nextEvent() -> HTTP2Event? { engine.nextEvent() }

    // MARK: Streams

    /// Starts a request (client only) and answers the id of its stream. Nothing was sent if this throws.
    public func openStream(_ head: Fields, end: Bool) throws(HTTP2StreamError) -> Int32 {
        precondition(role == .client, "only a client opens streams")
        return try engine.openStream(head, end: end)
    }

    /// Sends response header fields (server only): an interim response if `:status` is 1xx, else the final one.
    public func send(head: Fields, on stream: Int32, end: Bool) { engine.send(head: head, on: stream, end: end) }

    /// Queues bytes. See `room(on:)` for when to stop.
    public func send(_ chunk: Chunk, on stream: Int32, end: Bool) { engine.send(chunk, on: stream, end: end) }

    /// Queues trailer fields behind the bytes, and with them the end.
    public func send(trailers: Fields, on stream: Int32) { engine.send(trailers: trailers, on: stream) }

    /// Gives a stream up: what is queued on it is dropped, its `reset` event follows at once, what the peer still sends on
    /// it is thrown away.
    ///
    /// With code 0 (NO_ERROR) after the end was sent it is a server's "I need no more of your request" (RFC 9113 §8.1):
    /// then what is queued goes out first, and the `reset` event follows when it has.
    public func reset(_ stream: Int32, code: UInt32) { engine.reset(stream, code: code) }

    /// Gives the peer window back for bytes of chunks that were used up: on the stream at once, on the connection as
    /// `HTTP2Limits.maxHeldBytes` tells.
    public func consume(_ count: Int, on stream: Int32) { engine.consume(count, on: stream) }

    /// Bytes that wait on the stream, be it for its window, the connection's, or `takeOutput`.
    public func queuedBytes(on stream: Int32) -> Int { engine.queuedBytes(on: stream) }

    /// How many bytes may be queued before the high mark; at 0 or less wait for `drained`. 0 for a stale id.
    public func room(on stream: Int32) -> Int { engine.room(on: stream) }

    // MARK: Connection

    /// Sends a PING; its `pingAck` event carries the same number.
    public func ping(_ opaque: UInt64) { engine.ping(opaque) }

    /// First phase of a graceful end (server only): a GOAWAY that names no last stream. New streams are still taken, so
    /// that requests that are under way are not lost; follow with `goAway` after a round trip (RFC 9113 §6.8).
    public func shutdownNotice() { engine.shutdownNotice() }

    /// Sends GOAWAY with the last stream that was taken: later ones are ignored, and `wantsClose` becomes true when those
    /// that are under way have ended.
    public func goAway(code: UInt32 = 0, debug: String = "") { engine.goAway(code: code, debug: debug) }

    /// Hands bytes to be sent to `write`, in runs that are valid during the call only, until there are none or more than
    /// `limit` were handed out. Answers whether more are waiting.
    ///
    /// A run is a small frame, a batch of them, or the very memory of a big chunk: write such a run to the socket, or into
    /// a TLS record, without copying it first.
    public func takeOutput(_ limit: Int = .max, _ write: (UnsafeRawBufferPointer) -> Void) -> Bool {
        engine.takeOutput(limit, write)
    }

    /// The same into a chain: frame headers, header blocks and small DATA are written where they leave from, large chunks
    /// are shared.
    public func takeOutput(_ limit: Int = .max, into chain: OutputChain) -> Bool {
        engine.takeOutput(limit, into: chain)
    }

    /// Gives memory back that is kept for the next streams and events. For a connection that has been idle for a while.
    public func trim() { engine.trim() }

    /// There is something to send that no window holds back.
    public var hasOutput: Bool { engine.hasOutput }

    /// Both sides are done with the connection, and all output was taken: close it.
    public var wantsClose: Bool { engine.wantsClose }

    /// Streams that were announced and have not ended.
    public var activeStreams: Int { engine.activeStreams }

    /// How many streams of ours the peer allows at once; a cautious guess until its SETTINGS came.
    public var peerMaxConcurrentStreams: Int { engine.peerMaxConcurrentStreams }

    /// The highest stream id of the peer that was taken.
    public var lastPeerStream: Int32 { engine.lastPeerStream }
}
