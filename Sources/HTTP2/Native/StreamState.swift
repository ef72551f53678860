/// Which halves of a stream are open (RFC 9113 §5.1).
///
///                    idle (above every id that was used)
///                      │ HEADERS sent or received
///                      ▼
///     END_STREAM ┌─── open ───┐ END_STREAM
///           sent ▼            ▼ received
///     halfClosedLocal    halfClosedRemote
///       END_STREAM │            │ END_STREAM
///         received ▼            ▼ sent
///                     closed ◀── RST_STREAM, from any of them
///
/// Idle and closed streams have no state of their own: an id that the table does not have is judged by `AbsentStream`.
/// The reserved states do not exist here: nobody may push.
enum StreamState: UInt8 {
    case open, halfClosedLocal, halfClosedRemote, closed

    /// We may still send.
    var isLocalOpen: Bool { self == .open || self == .halfClosedRemote }
    /// The peer may still send.
    var isRemoteOpen: Bool { self == .open || self == .halfClosedLocal }

    /// Our END_STREAM was written.
    mutating func endLocal() {
        self = self == .open ? .halfClosedLocal : .closed
    }

    /// The peer's END_STREAM was read.
    mutating func endRemote() {
        self = self == .open ? .halfClosedRemote : .closed
    }
}

/// What a stream is whose id the table does not have.
enum AbsentStream {
    /// Nobody opened it: no frame but HEADERS and PRIORITY may come.
    case idle
    /// We reset it, or never took it, and the peer may not have known when it sent: read over what comes.
    case discarded
    /// The peer ended or reset it, and so must not send on it any more.
    case ended
    /// Skipped: the peer opened a higher one first, which closes it (RFC 9113 §5.1.1).
    case skipped
}
