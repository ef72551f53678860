import CNghttp2

extension NGHTTP2Engine {
    static func makeSession(
        _ role: HTTP2Session.Role, _ limits: HTTP2Limits, _ core: UnsafeMutablePointer<NGHTTP2Core>
    ) -> OpaquePointer {
        var option: OpaquePointer?
        guard nghttp2_option_new(&option) == 0 else { preconditionFailure("out of memory") }
        defer { nghttp2_option_del(option) }
        nghttp2_option_set_no_auto_window_update(option, 1)
        // Closed streams are kept for a priority tree that nobody here builds.
        nghttp2_option_set_no_closed_streams(option, 1)
        nghttp2_option_set_peer_max_concurrent_streams(option, UInt32(clamping: limits.presumedPeerStreams))
        nghttp2_option_set_max_reserved_remote_streams(option, 0)
        nghttp2_option_set_max_send_header_block_length(option, limits.maxSentHeaderList)
        nghttp2_option_set_max_outbound_ack(option, limits.maxQueuedAcks)
        nghttp2_option_set_max_settings(option, limits.maxSettings)
        nghttp2_option_set_max_continuations(option, limits.maxContinuations)
        nghttp2_option_set_stream_reset_rate_limit(
            option, UInt64(limits.resetBurst), UInt64(limits.resetsPerSecond))
        var session: OpaquePointer?
        let result =
            role == .server
            ? nghttp2_session_server_new2(&session, NGHTTP2Callbacks.table, core, option)
            : nghttp2_session_client_new2(&session, NGHTTP2Callbacks.table, core, option)
        guard result == 0, let session else { preconditionFailure("out of memory") }
        return session
    }

    func submit(_ settings: HTTP2Settings) {
        func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
            nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(clamping: value))
        }
        var entries = [
            entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, settings.initialWindow),
            entry(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, settings.maxFrameSize),
            entry(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, settings.headerTableSize),
            entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, settings.maxHeaderListSize),
        ]
        switch role {
        case .server: entries.append(entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings.maxConcurrentStreams))
        case .client: entries.append(entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
        }
        let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        let result = nghttp2_submit_settings(session, none, entries, entries.count)
        precondition(result == 0, "settings that HTTP/2 does not allow")
        nghttp2_session_set_local_window_size(session, none, 0, Int32(clamping: settings.connectionWindow))
    }

    /// The code that a peer is told for an error that stopped the library.
    static func code(ofLibraryError error: Int) -> UInt32 {
        switch nghttp2_error(rawValue: Int32(error)) {
        case NGHTTP2_ERR_FLOODED, NGHTTP2_ERR_TOO_MANY_SETTINGS, NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
            ErrorCode.enhanceYourCalm
        case NGHTTP2_ERR_HEADER_COMP: ErrorCode.compressionError
        case NGHTTP2_ERR_FLOW_CONTROL: ErrorCode.flowControlError
        case NGHTTP2_ERR_FRAME_SIZE_ERROR: ErrorCode.frameSizeError
        case NGHTTP2_ERR_NOMEM, NGHTTP2_ERR_INTERNAL: ErrorCode.internalError
        default: ErrorCode.protocolError
        }
    }

    /// A GOAWAY made by hand, for when the library makes none any more (RFC 9113 §6.8).
    static func goAwayFrame(_ failure: HTTP2ConnectionError, lastStream: Int32) -> [UInt8] {
        let reason = Array(failure.reason.utf8.prefix(256))
        let length = UInt32(8 + reason.count)
        var frame: [UInt8] = [UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 8)]
        frame += [UInt8(truncatingIfNeeded: length), 0x7, 0, 0, 0, 0, 0]
        for word in [UInt32(bitPattern: lastStream), failure.code] {
            withUnsafeBytes(of: word.bigEndian) { frame.append(contentsOf: $0) }
        }
        return frame + reason
    }
}
