/// DATA (RFC 9113 §6.1), read as it comes: a payload is handed on in pieces and never gathered.
///
///     pad length (8)? │ data │ padding
///
/// All of the payload counts against the windows, padding and its length included.
struct DataFrame {
    let stream: Int32
    let isEnd: Bool
    /// The first octet, which says how much of the payload is padding, is still to come.
    private(set) var awaitsPadLength: Bool
    /// Octets of data that are still to come.
    private(set) var dataLeft: Int
    /// Octets of padding that are still to come, behind the data.
    private var paddingLeft = 0
    /// Octets of the payload that are no data.
    private(set) var padding = 0
    /// The end was handed on.
    private var didEnd = false
    /// Nobody wants the data: its stream is gone.
    var isDiscarded = false

    /// A frame that may begin: it is large enough for its flags.
    init(_ header: FrameHeader) throws(Violation) {
        stream = header.stream
        isEnd = header.has(FrameFlag.endStream)
        awaitsPadLength = header.has(FrameFlag.padded)
        guard header.length > 0 || !awaitsPadLength else {
            throw .connection(ErrorCode.frameSizeError, "a padded DATA without the length of its padding")
        }
        dataLeft = header.length - (awaitsPadLength ? 1 : 0)
    }

    mutating func take(padLength: UInt8) throws(Violation) {
        awaitsPadLength = false
        guard Int(padLength) <= dataLeft else {
            throw .connection(ErrorCode.protocolError, "padding that is larger than its DATA")
        }
        dataLeft -= Int(padLength)
        paddingLeft = Int(padLength)
        padding = Int(padLength) + 1
    }

    /// Takes what there is of the data; answers whether the message ends behind it, which is told once.
    mutating func takeData(_ input: inout FrameInput) -> (piece: UnsafeRawBufferPointer, isEnd: Bool) {
        let piece = input.take(atMost: dataLeft)
        dataLeft -= piece.count
        guard dataLeft == 0, isEnd, !didEnd else { return (piece, false) }
        didEnd = true
        return (piece, true)
    }

    /// Takes what there is of the padding, if the data is over; answers whether the frame is.
    mutating func skipPadding(_ input: inout FrameInput) -> Bool {
        guard dataLeft == 0 else { return false }
        paddingLeft -= input.take(atMost: paddingLeft).count
        return paddingLeft == 0
    }
}
