import Bytes
import CNghttp2

/// What the library tells while it reads. Each method answers what the library's callback shall return.
extension NGHTTP2Core {
    private static let callbackFailure = Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)

    mutating func beganHeaders(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
        let id = frame.pointee.hd.stream_id
        if let stream = streams.find(id) {
            stream.pointee.block = Fields()
        } else if !isClient, frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
            let stream = streams.insert(id)
            if id > ownLastStream {
                stream.pointee.isRefused = true
                stream.pointee.isDeaf = true
            } else {
                stream.pointee.block.reserve(fields: 12, bytes: 256)
            }
        }
        return 0
    }

    mutating func heardField(
        _ id: Int32, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, isSensitive: Bool
    ) -> Int32 {
        guard let stream = streams.find(id), !stream.pointee.isRefused else { return 0 }
        if stream.pointee.block.listSize + name.count + value.count + 32 > limits.maxHeaderList
            || name.count > UInt16.max
        {
            // The rest of the block must still be read, because it changes the decoder's table.
            stream.pointee.isRefused = true
            stream.pointee.isDeaf = true
            stream.pointee.block = Fields()
            nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, ErrorCode.enhanceYourCalm)
            return noteFault()
        }
        stream.pointee.block.append(name: name, value: value, isSensitive: isSensitive)
        return 0
    }

    mutating func heardData(_ id: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        didSeePayload = true
        guard let stream = streams.find(id), !stream.pointee.isDeaf else {
            // Nobody will consume it, and the connection's window must not leak.
            nghttp2_session_consume(session, id, bytes.count)
            return 0
        }
        stream.pointee.unconsumed += bytes.count
        hold(bytes.count)
        return emit(.chunk(id, Chunk(copying: bytes), end: false)) ? 0 : Self.callbackFailure
    }

    mutating func heardFrame(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
        let header = frame.pointee.hd
        let isFine: Bool
        switch nghttp2_frame_type(rawValue: UInt32(header.type)) {
        case NGHTTP2_DATA:
            isFine = endedData(header)
        case NGHTTP2_HEADERS:
            isFine = endedHeaders(header)
        case NGHTTP2_RST_STREAM:
            streams.find(header.stream_id)?.pointee.wasResetByPeer = true
            isFine = true
        case NGHTTP2_SETTINGS:
            let isAck = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
            acks += isAck ? 0 : 1
            isFine = isAck || emit(.settings(peerSettings))
        case NGHTTP2_PING:
            isFine = heardPing(frame.pointee.ping)
        case NGHTTP2_GOAWAY:
            isFine = heardGoAway(frame.pointee.goaway)
        default:
            isFine = true
        }
        return isFine ? 0 : Self.callbackFailure
    }

    /// A stream ended in the library's eyes: both halves, by a reset, or by a GOAWAY.
    mutating func closedStream(_ id: Int32, code: UInt32) -> Int32 {
        guard let stream = streams.find(id) else { return 0 }
        let isAnnounced = stream.pointee.isAnnounced
        let isAboveGoAway = peerLastStream.map { isClient && id > $0 && code == ErrorCode.refusedStream } ?? false
        let byPeer = stream.pointee.wasResetByPeer || isAboveGoAway
        let isClean = code == ErrorCode.noError && !byPeer && !stream.pointee.isDeaf
        // The library resets some streams without a word, as where a body is not as long as its content-length.
        let isFault = code != ErrorCode.noError && !byPeer && !stream.pointee.isDeaf && !stream.pointee.isFaulty
        forget(stream)
        if isClean { faults = max(0, faults - 1) }
        if isAnnounced {
            guard emit(isClean ? .closed(id) : .reset(id, code: code, byPeer: byPeer)) else {
                return Self.callbackFailure
            }
        }
        return isFault ? noteFault() : 0
    }

    /// The library found a frame that costs the peer the stream.
    mutating func heardInvalid(_ id: Int32) -> Int32 {
        streams.find(id)?.pointee.isFaulty = true
        return noteFault()
    }

    /// The peer did something that cost it a stream. Peers that do little else lose the connection (CVE-2025-8671).
    mutating func noteFault() -> Int32 {
        faults += 1
        guard faults > limits.maxFaults else { return 0 }
        fail(ErrorCode.enhanceYourCalm, "too many stream errors")
        return Self.callbackFailure
    }

    var peerSettings: HTTP2PeerSettings {
        func value(_ id: nghttp2_settings_id) -> Int { Int(nghttp2_session_get_remote_settings(session, id)) }
        let headerList = value(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE)
        return HTTP2PeerSettings(
            maxConcurrentStreams: value(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
            initialWindow: value(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE),
            maxFrameSize: value(NGHTTP2_SETTINGS_MAX_FRAME_SIZE),
            maxHeaderListSize: headerList == Int(UInt32.max) ? nil : headerList)
    }

    // MARK: Frames by kind

    private mutating func endedData(_ header: nghttp2_frame_hd) -> Bool {
        let isEnd = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        if didSeePayload || isEnd {
            emptyFrames = 0
        } else {
            emptyFrames += 1
            if emptyFrames > limits.maxEmptyFrames {
                fail(ErrorCode.enhanceYourCalm, "too many empty DATA frames")
                return false
            }
        }
        didSeePayload = false
        guard isEnd, let stream = streams.find(header.stream_id), !stream.pointee.isDeaf else { return true }
        return events.endLastChunk(of: header.stream_id) || emit(.chunk(header.stream_id, .empty, end: true))
    }

    private mutating func endedHeaders(_ header: nghttp2_frame_hd) -> Bool {
        let id = header.stream_id
        emptyFrames = 0
        guard let stream = streams.find(id), !stream.pointee.isRefused, !stream.pointee.isDeaf else { return true }
        var fields = Fields()
        swap(&fields, &stream.pointee.block)
        if stream.pointee.hasHead {
            return emit(.trailers(id, fields))
        }
        if isClient, fields.withValue(.status, { $0.first == UInt8(ascii: "1") }) ?? false {
            return emit(.interim(stream: id, fields))
        }
        stream.pointee.hasHead = true
        stream.pointee.isAnnounced = true
        return emit(.head(stream: id, fields, end: header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0))
    }

    private mutating func heardPing(_ ping: nghttp2_ping) -> Bool {
        var opaque: UInt64 = 0
        withUnsafeBytes(of: ping.opaque_data) { bytes in
            for byte in bytes { opaque = opaque << 8 | UInt64(byte) }
        }
        let isAck = ping.hd.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
        acks += isAck ? 0 : 1
        return emit(isAck ? .pingAck(opaque) : .ping(opaque))
    }

    private mutating func heardGoAway(_ goAway: nghttp2_goaway) -> Bool {
        let debug = UnsafeBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
        peerLastStream = goAway.last_stream_id
        return emit(
            .goAway(
                lastStream: goAway.last_stream_id, code: goAway.error_code,
                debug: Array(debug.prefix(limits.maxDebugData))))
    }
}
