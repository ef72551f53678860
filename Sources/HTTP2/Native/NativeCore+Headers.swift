import Bytes

/// HEADERS and CONTINUATION that come in: heads, trailers, and what is read over (RFC 9113 §4.3, §6.2, §6.10, §8.1).
extension NativeCore {
    mutating func heardHeaders(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) throws(Violation) {
        let frame = try HeadersFrame(header, payload)
        guard mayOpen(header.stream) || streams.find(header.stream) != nil || absent(header.stream) != .idle else {
            throw .connection(ErrorCode.protocolError, "HEADERS on a stream that the peer cannot open")
        }
        floods.countUsefulFrame()
        let block = OpenBlock(
            stream: header.stream, isEnd: header.has(FrameFlag.endStream),
            isSelfDependent: frame.dependency == header.stream)
        guard !header.has(FrameFlag.endHeaders) else { return try heard(block, frame.fragment) }
        blockBytes.append(frame.fragment)
        openBlock = block
    }

    /// A request may begin with this number.
    private func mayOpen(_ id: Int32) -> Bool { !isClient && id & 1 == 1 }

    mutating func heardContinuation(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) throws(Violation) {
        guard var block = openBlock else { return }
        block.continuations += 1
        guard block.continuations <= limits.maxContinuations, blockBytes.count + payload.count <= maxBlock else {
            throw .connection(ErrorCode.enhanceYourCalm, "a header block that goes on and on")
        }
        blockBytes.append(payload)
        openBlock = block
        guard header.has(FrameFlag.endHeaders) else { return }
        openBlock = nil
        var bytes = ByteRun()
        swap(&bytes, &blockBytes)
        try heard(block, bytes.bytes)
    }

    /// The octets of one header block: a Huffman string may be four times as long as its text.
    private var maxBlock: Int { 4 * limits.maxHeaderList + PeerSettings.leastFrameSize }

    /// A whole block. It is decoded in any case, because it changes the decoder's table.
    private mutating func heard(_ block: OpenBlock, _ bytes: UnsafeRawBufferPointer) throws(Violation) {
        var fields = Fields()
        let isTooLarge = try decode(bytes, into: &fields)
        if let stream = streams.find(block.stream), !isUnsent(stream) {
            guard stream.pointee.state.isRemoteOpen else {
                return try resetFaulty(stream, ErrorCode.streamClosed)
            }
            if isTooLarge { return try resetFaulty(stream, ErrorCode.enhanceYourCalm) }
            guard !block.isSelfDependent else { return try resetFaulty(stream, ErrorCode.protocolError) }
            return try heard(block, &fields, on: stream)
        }
        guard absent(block.stream) == .idle else { return try judgeStray(block) }
        guard mayOpen(block.stream) else {
            throw .connection(ErrorCode.protocolError, "HEADERS on a stream of which the peer cannot know")
        }
        try open(block, consume fields, isTooLarge: isTooLarge)
    }

    private mutating func decode(
        _ bytes: UnsafeRawBufferPointer, into fields: inout Fields
    ) throws(Violation) -> Bool {
        do throws(HPACKError) {
            return try decoder.decode(bytes, into: &fields) == .tooLarge
        } catch {
            throw .connection(ErrorCode.compressionError, error.reason)
        }
    }

    /// HEADERS on a stream that is over: read over them if they may have crossed our reset.
    private mutating func judgeStray(_ block: OpenBlock) throws(Violation) {
        switch absent(block.stream) {
        case .discarded: break
        case .ended: throw .connection(ErrorCode.streamClosed, "HEADERS on a closed stream")
        case .idle, .skipped: throw .connection(ErrorCode.protocolError, "a stream whose number went down")
        }
    }

    /// A request that begins.
    private mutating func open(
        _ block: OpenBlock, _ fields: consuming Fields, isTooLarge: Bool
    ) throws(Violation) {
        let id = block.stream
        highestSeen = id
        guard id <= ownLastStream else { return }
        guard streams.count < settings.maxConcurrentStreams else {
            // Before the peer acknowledged the limit it is no fault (RFC 9113 §5.1.2).
            return try refuse(block, ErrorCode.refusedStream, isFault: settingsUnderWay == 0)
        }
        guard !isTooLarge else { return try refuse(block, ErrorCode.enhanceYourCalm, isFault: true) }
        guard let head = HeadRules.request(fields), !block.isSelfDependent,
            !block.isEnd || head.contentLength ?? 0 == 0
        else { return try refuse(block, ErrorCode.protocolError, isFault: true) }
        lastTaken = id
        let stream = insertStream(id)
        stream.pointee.message.began(head)
        try emit(.head(stream: id, fields, end: block.isEnd))
        if block.isEnd { try endRemote(stream) }
    }

    /// Resets a stream that nobody has heard of.
    private mutating func refuse(_ block: OpenBlock, _ code: UInt32, isFault: Bool) throws(Violation) {
        ResetFrame.write(block.stream, code: code, to: &control)
        if block.isEnd { ended.insert(block.stream) } else { discarded.insert(block.stream) }
        if isFault { try floods.countFault(limits) }
    }

    /// A block on a stream that is there: a response's head, or trailers.
    private mutating func heard(
        _ block: OpenBlock, _ fields: inout Fields, on stream: NativeStream.Pointer
    ) throws(Violation) {
        let isDeaf = stream.pointee.marks.contains(.isDeaf)
        if stream.pointee.message.hasHead {
            guard block.isEnd, HeadRules.areTrailers(fields), stream.pointee.message.mayEnd || isDeaf else {
                return try resetFaulty(stream, ErrorCode.protocolError)
            }
            if !isDeaf { try emit(.trailers(block.stream, fields)) }
            return try endRemote(stream)
        }
        let answersConnect = stream.pointee.message.answersConnect
        guard let head = HeadRules.response(&fields, answersConnect: answersConnect), !block.isEnd || !head.isInterim
        else { return try resetFaulty(stream, ErrorCode.protocolError) }
        if head.isInterim {
            if !isDeaf { try emit(.interim(stream: block.stream, fields)) }
            return
        }
        stream.pointee.message.began(head)
        guard !block.isEnd || stream.pointee.message.mayEnd else {
            return try resetFaulty(stream, ErrorCode.protocolError)
        }
        if !isDeaf { try emit(.head(stream: block.stream, fields, end: block.isEnd)) }
        if block.isEnd { try endRemote(stream) }
    }
}
