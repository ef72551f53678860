/// HEADERS (RFC 9113 §6.2): the beginning of a field block.
///
///     pad length (8)? │ exclusive (1) + dependency (31) + weight (8)? │ fragment │ padding
struct HeadersFrame {
    /// A part of the field block, all of it if the frame has END_HEADERS.
    let fragment: UnsafeRawBufferPointer
    /// The stream that this one says it depends on: deprecated (§5.3.2), but a stream may not name itself.
    let dependency: Int32?

    init(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) throws(Violation) {
        var start = 0
        var end = payload.count
        if header.has(FrameFlag.padded) {
            guard end > 0 else {
                throw .connection(ErrorCode.frameSizeError, "a padded HEADERS without the length of its padding")
            }
            start = 1
            end -= Int(payload[0])
            guard start <= end else {
                throw .connection(ErrorCode.protocolError, "padding that is larger than its HEADERS")
            }
        }
        var dependency: Int32?
        if header.has(FrameFlag.priority) {
            guard payload.count - start >= PriorityFrame.size else {
                throw .connection(ErrorCode.frameSizeError, "a HEADERS too small for its priority")
            }
            // Five octets are there, so there is an address.
            dependency = PriorityFrame.dependency(payload.baseAddress.unsafelyUnwrapped + start)
            start += PriorityFrame.size
        }
        guard start <= end else {
            throw .connection(ErrorCode.protocolError, "padding that is larger than its HEADERS")
        }
        fragment = UnsafeRawBufferPointer(rebasing: payload[start..<end])
        self.dependency = dependency
    }
}
