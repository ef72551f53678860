import Bytes
import CNghttp2

/// What the library asks while it writes.
extension NGHTTP2Core {
    private static let deferred = Int(NGHTTP2_ERR_DEFERRED.rawValue)
    private static let endOfData = UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
    private static let noEndStream = UInt32(NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue)
    private static let noCopy = UInt32(NGHTTP2_DATA_FLAG_NO_COPY.rawValue)

    /// Fills, or promises, the payload of one DATA frame of at most `room` bytes.
    mutating func readData(
        _ id: Int32, into target: UnsafeMutablePointer<UInt8>, room: Int, flags: UnsafeMutablePointer<UInt32>
    ) -> Int {
        guard !isCollecting else { return Int(NGHTTP2_ERR_PAUSE.rawValue) }
        guard let stream = streams.find(id) else { return Self.deferred }
        if stream.pointee.outbound.isEmpty, !stream.pointee.didQueueEnd {
            stream.pointee.isDeferred = true
            return Self.deferred
        }
        let length: Int
        let left: Int
        if stream.pointee.outbound.firstCount >= Self.borrowable {
            length = min(room, stream.pointee.outbound.firstCount)
            left = stream.pointee.outbound.count - length
            flags.pointee |= Self.noCopy
        } else {
            length = stream.pointee.outbound.move(to: target, room: room, borrowable: Self.borrowable)
            left = stream.pointee.outbound.count
            noteDrained(stream)
        }
        if left == 0, stream.pointee.didQueueEnd {
            flags.pointee |= Self.endOfData
            if let trailers = stream.pointee.trailers {
                flags.pointee |= Self.noEndStream
                stream.pointee.trailers = nil
                _ = trailers.withNameValues { nghttp2_submit_trailer(session, id, $0.baseAddress, $0.count) }
            }
        }
        return length
    }

    /// Gives out the payload that `readData` promised.
    mutating func takePromised(_ length: Int, on id: Int32) -> Chunk? {
        guard let stream = streams.find(id) else { return nil }
        let chunk = stream.pointee.outbound.takeFromFirst(length)
        noteDrained(stream)
        return chunk
    }

    /// Counts bytes that went to the sink; true if the library shall stop for now.
    mutating func didSink(_ count: Int) -> Bool {
        sunk += count
        isPaused = sunk >= sinkLimit
        return isPaused
    }

    private mutating func noteDrained(_ stream: UnsafeMutablePointer<NGHTTP2Stream>) {
        guard stream.pointee.isFull, stream.pointee.outbound.count <= limits.lowMark else { return }
        stream.pointee.isFull = false
        _ = emit(.drained(stream.pointee.id))
    }

    /// A frame went out whole.
    mutating func sentFrame(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
        let header = frame.pointee.hd
        switch nghttp2_frame_type(rawValue: UInt32(header.type)) {
        case NGHTTP2_DATA, NGHTTP2_HEADERS:
            guard header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0,
                let stream = streams.find(header.stream_id)
            else { break }
            stream.pointee.didSendEnd = true
            if stream.pointee.isDeaf {
                nghttp2_submit_rst_stream(
                    session, UInt8(NGHTTP2_FLAG_NONE.rawValue), header.stream_id, ErrorCode.noError)
            }
        case NGHTTP2_GOAWAY:
            sentGoAway(frame.pointee.goaway)
        default:
            break
        }
        return 0
    }

    /// A frame that was submitted cannot be sent: the stream it belongs to cannot go on.
    mutating func couldNotSend(_ frame: UnsafePointer<nghttp2_frame>, error: Int32) -> Int32 {
        guard nghttp2_frame_type(rawValue: UInt32(frame.pointee.hd.type)) == NGHTTP2_HEADERS,
            let stream = streams.find(frame.pointee.hd.stream_id)
        else { return 0 }
        let id = stream.pointee.id
        guard frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else {
            if error == NGHTTP2_ERR_FRAME_SIZE_ERROR.rawValue { abandon(stream, code: ErrorCode.internalError) }
            return 0
        }
        // The request never left: the peer's GOAWAY or the end of ids came between.
        let isTooLarge = error == NGHTTP2_ERR_FRAME_SIZE_ERROR.rawValue
        forget(stream)
        let code = isTooLarge ? ErrorCode.internalError : ErrorCode.refusedStream
        _ = emit(.reset(id, code: code, byPeer: !isTooLarge))
        return 0
    }

    private mutating func sentGoAway(_ goAway: nghttp2_goaway) {
        if goAwaysUnderWay > 0 {
            goAwaysUnderWay -= 1
            return
        }
        // The library gave up on the peer by itself.
        didTellPeer = true
        let debug = UnsafeBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
        let text = String(decoding: debug, as: UTF8.self)
        fail(goAway.error_code, text.isEmpty ? "the peer broke a limit" : text)
    }
}
