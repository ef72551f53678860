import Bytes

/// What a stream knows of the message that comes in on it: how far it is, and whether its length is what its head said
/// (RFC 9113 §8.1).
///
///     awaitingHead ──1xx──▶ awaitingHead ──head──▶ body ──trailers or END_STREAM──▶ (the stream's half ends)
struct IncomingMessage {
    private(set) var hasHead = false
    /// The request of this response was HEAD: no bytes follow, whatever its content-length says.
    var answersHead = false
    /// The request of this response was CONNECT: a content-length means nothing.
    var answersConnect = false
    /// What the head's content-length says, or the method and status; -1 if nothing does.
    private var expected: Int64 = -1
    private var received: Int64 = 0

    /// A request's head came.
    mutating func began(_ head: RequestHead) {
        hasHead = true
        expected = head.contentLength ?? -1
    }

    /// A final response's head came.
    mutating func began(_ head: ResponseHead) {
        hasHead = true
        if answersHead || head.status == 204 || head.status == 304 {
            expected = 0
        } else if answersConnect {
            expected = -1
        } else {
            expected = head.contentLength ?? -1
        }
    }

    /// Counts bytes; false if there are more than the head said, or none may come yet.
    mutating func takes(_ count: Int) -> Bool {
        received += Int64(count)
        return hasHead && (expected < 0 || received <= expected)
    }

    /// The message may end here: it has its head, and as many bytes as that said.
    var mayEnd: Bool { hasHead && (expected < 0 || received == expected) }
}
