import Bytes
import CNghttp2

/// The table of C callbacks, made once: sessions copy it.
///
/// Every callback gets the address of its `NGHTTP2Core` as user data and calls the method of the same meaning.
enum NGHTTP2Callbacks {
    /// Never freed, and only read after it was made, by however many threads.
    nonisolated(unsafe) static let table: OpaquePointer = {
        var made: OpaquePointer?
        guard nghttp2_session_callbacks_new(&made) == 0, let table = made else { preconditionFailure("out of memory") }
        setReceiving(table)
        setSending(table)
        return table
    }()

    private static func setReceiving(_ table: OpaquePointer) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(table) { _, frame, user in
            guard let frame else { return 0 }
            return core(user).pointee.beganHeaders(frame)
        }
        nghttp2_session_callbacks_set_on_header_callback(table) {
            _, frame, name, nameLength, value, valueLength, flags, user in
            guard let frame else { return 0 }
            return core(user).pointee.heardField(
                frame.pointee.hd.stream_id, name: UnsafeBufferPointer(start: name, count: nameLength),
                value: UnsafeBufferPointer(start: value, count: valueLength),
                isSensitive: flags & UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) != 0)
        }
        nghttp2_session_callbacks_set_on_invalid_header_callback(table) { _, _, _, _, _, _, _, _ in
            // A field that RFC 9113 §8.2.1 forbids makes the message malformed; without this it would only be dropped.
            Int32(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table) { _, _, id, data, length, user in
            core(user).pointee.heardData(id, UnsafeRawBufferPointer(start: data, count: length))
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(table) { _, frame, user in
            guard let frame else { return 0 }
            return core(user).pointee.heardFrame(frame)
        }
        nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(table) { _, frame, _, user in
            core(user).pointee.heardInvalid(frame?.pointee.hd.stream_id ?? 0)
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(table) { _, id, code, user in
            core(user).pointee.closedStream(id, code: code)
        }
    }

    private static func setSending(_ table: OpaquePointer) {
        nghttp2_session_callbacks_set_send_data_callback(table) { _, frame, header, length, _, user in
            guard let frame, let header else { return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
            return sendBorrowed(core(user), frame.pointee.hd.stream_id, header: header, length: length)
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(table) { _, frame, user in
            guard let frame else { return 0 }
            return core(user).pointee.sentFrame(frame)
        }
        nghttp2_session_callbacks_set_on_frame_not_send_callback(table) { _, frame, error, user in
            guard let frame else { return 0 }
            return core(user).pointee.couldNotSend(frame, error: error)
        }
    }

    /// Reads what `NGHTTP2Core.readData` has for a stream.
    static let read: nghttp2_data_source_read_callback = { _, id, target, room, flags, _, user in
        guard let target, let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
        return core(user).pointee.readData(id, into: target, room: room, flags: flags)
    }
}

/// The library hands back what the session was made with, which lives as long as the session does.
private func core(_ user: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<NGHTTP2Core> {
    guard let user else { preconditionFailure("a session without its core") }
    return user.assumingMemoryBound(to: NGHTTP2Core.self)
}

/// Writes a DATA frame whose payload `readData` promised: the chunk's memory goes to the sink as it is.
///
/// The sink is not ours, so it runs while no method of the core does.
private func sendBorrowed(
    _ core: UnsafeMutablePointer<NGHTTP2Core>, _ id: Int32, header: UnsafePointer<UInt8>, length: Int
) -> Int32 {
    guard let sink = core.pointee.sink, let chunk = core.pointee.takePromised(length, on: id) else {
        return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
    }
    sink(UnsafeRawBufferPointer(start: header, count: 9))
    chunk.withUnsafeBytes { sink($0) }
    return core.pointee.didSink(9 + length) ? Int32(NGHTTP2_ERR_PAUSE.rawValue) : 0
}
