import Bytes

/// What goes out: heads, bytes and trailers of streams, in turn (RFC 9113 §5.1, §6.1, §6.2).
///
/// A stream with something to send stands in `ready` once. When its turn comes it sends its head, one frame of bytes and,
/// if they were all, its trailers; then it stands at the end again. So a small answer is one visit, a large one waits for
/// everybody else after each frame, and heads of requests leave in the order of their ids.
extension NativeCore {
    /// Bytes of one turn: a frame that every peer takes. Larger ones would make others wait.
    private static var quantum: Int { PeerSettings.leastFrameSize }
    /// Header blocks that may be this large are written where they leave from.
    private static var inPlaceBlock: Int { 8 << 10 }

    // MARK: Queueing

    mutating func openStream(_ head: Fields, end: Bool) throws(HTTP2StreamError) -> Int32 {
        guard !isOver, failure == nil, peerLastStream == nil, !didSendGoAway else { throw .goingAway }
        guard streams.count < peer.maxConcurrentStreams else { throw .streamLimit }
        let largest = min(peer.maxHeaderListSize ?? Int.max, limits.maxSentHeaderList)
        guard head.listSize <= largest else { throw .headTooLarge(limit: largest) }
        guard let id = Int32(exactly: nextStream) else { throw .idsExhausted }
        nextStream += 2
        let stream = insertStream(id)
        _ = head.withValue(.method) { method in
            stream.pointee.message.answersHead = method.elementsEqual(StaticStringBytes("HEAD"))
            stream.pointee.message.answersConnect = method.elementsEqual(StaticStringBytes("CONNECT"))
        }
        give(head, to: stream, end: end)
        return id
    }

    mutating func send(head: Fields, on stream: NativeStream.Pointer, end: Bool) {
        precondition(!stream.pointee.marks.contains(.gaveHead), "a response has one final head, before its bytes")
        guard head.listSize <= limits.maxSentHeaderList else {
            return abandon(stream, code: ErrorCode.internalError)
        }
        if !end, head.withValue(.status, { $0.first == UInt8(ascii: "1") }) ?? false {
            stream.pointee.interims.append(head)
            stream.pointee.marks.insert(.hasInterims)
            return wake(stream)
        }
        give(head, to: stream, end: end)
    }

    private mutating func give(_ head: Fields, to stream: NativeStream.Pointer, end: Bool) {
        stream.pointee.head = head
        stream.pointee.marks.insert(end ? [.gaveHead, .queuedEnd, .endsWithHead] : .gaveHead)
        wake(stream)
    }

    mutating func send(_ chunk: Chunk, on stream: NativeStream.Pointer, end: Bool) {
        checkOpen(stream)
        stream.pointee.outbound.append(chunk)
        if end { stream.pointee.marks.insert(.queuedEnd) }
        if stream.pointee.outbound.count >= limits.highMark { stream.pointee.marks.insert(.isFull) }
        wake(stream)
    }

    mutating func send(trailers: Fields, on stream: NativeStream.Pointer) {
        checkOpen(stream)
        guard trailers.listSize <= limits.maxSentHeaderList else {
            return abandon(stream, code: ErrorCode.internalError)
        }
        stream.pointee.marks.insert(.queuedEnd)
        if !trailers.isEmpty { stream.pointee.trailers = trailers }
        wake(stream)
    }

    private func checkOpen(_ stream: NativeStream.Pointer) {
        precondition(
            stream.pointee.marks.isSuperset(of: .gaveHead) && stream.pointee.marks.isDisjoint(with: .queuedEnd),
            "bytes and trailers go between the head and the end")
    }

    mutating func reset(_ stream: NativeStream.Pointer, code: UInt32) {
        guard !stream.pointee.marks.contains(.isDeaf) else { return }
        let isEndQueued = stream.pointee.marks.contains(.queuedEnd) && stream.pointee.state.isLocalOpen
        guard code == ErrorCode.noError, isEndQueued else { return abandon(stream, code: code) }
        // What is queued goes first: wait for the end.
        stream.pointee.marks.insert(.isDeaf)
        release(stream)
    }

    /// Puts a stream in line if it has something to send that its window lets out.
    mutating func wake(_ stream: NativeStream.Pointer) {
        guard stream.pointee.place == .nowhere else {
            if stream.pointee.place == .stalled, !needsWindow(stream) {
                stalled.remove(stream)
                ready.append(stream)
            }
            return
        }
        guard stream.pointee.isSendable else { return }
        if sendWindow.available <= 0, needsWindow(stream) {
            stalled.append(stream)
        } else {
            ready.append(stream)
        }
    }

    /// The next thing that the stream sends are bytes.
    private func needsWindow(_ stream: NativeStream.Pointer) -> Bool {
        stream.pointee.head == nil && !stream.pointee.marks.contains(.hasInterims) && !stream.pointee.outbound.isEmpty
    }

    // MARK: Writing

    /// Writes to `chain` until nothing is left that may go, or more than `limit` bytes went. Answers whether more waits.
    mutating func takeOutput(_ limit: Int, into chain: OutputChain) -> Bool {
        let start = chain.count
        takeControl(into: chain)
        while !isOver, chain.count - start < limit, let stream = ready.popFirst() {
            serve(stream, chain)
        }
        takeControl(into: chain)
        return hasOutput
    }

    private mutating func takeControl(into chain: OutputChain) {
        guard !control.isEmpty else { return }
        chain.append(control.bytes)
        control.removeAll()
        floods.outputWasTaken()
    }

    private mutating func serve(_ stream: NativeStream.Pointer, _ chain: OutputChain) {
        if stream.pointee.marks.contains(.hasInterims) { writeInterims(stream, chain) }
        if let head = stream.pointee.head.take() {
            let isEnd = stream.pointee.marks.contains(.endsWithHead)
            write(head, of: stream, isEnd: isEnd, chain)
            stream.pointee.marks.insert(.sentHead)
            if isEnd { return endLocal(stream) }
        }
        if !stream.pointee.outbound.isEmpty, writeData(stream, chain) { return endLocal(stream) }
        if stream.pointee.outbound.isEmpty, stream.pointee.marks.isSuperset(of: [.queuedEnd, .sentHead]) {
            writeEnd(stream, chain)
            return endLocal(stream)
        }
        wake(stream)
    }

    private mutating func writeInterims(_ stream: NativeStream.Pointer, _ chain: OutputChain) {
        for head in stream.pointee.interims { write(head, of: stream, isEnd: false, chain) }
        stream.pointee.interims = []
        stream.pointee.marks.remove(.hasInterims)
    }

    /// Writes one frame of bytes, if the windows let it; answers whether it was the end.
    private mutating func writeData(_ stream: NativeStream.Pointer, _ chain: OutputChain) -> Bool {
        let queued = stream.pointee.outbound.count
        let window = min(Int(stream.pointee.sendWindow.available), Int(sendWindow.available))
        let count = min(queued, window, Self.quantum)
        guard count > 0 else { return false }
        let isEnd = count == queued && stream.pointee.marks.contains(.queuedEnd) && stream.pointee.trailers == nil
        write(
            FrameHeader(
                length: count, type: FrameType.data, flags: isEnd ? FrameFlag.endStream : 0, stream: stream.pointee.id),
            chain)
        stream.pointee.outbound.move(count, to: chain)
        stream.pointee.sendWindow.spend(count)
        sendWindow.spend(count)
        if stream.pointee.marks.contains(.isFull), stream.pointee.outbound.count <= limits.lowMark {
            stream.pointee.marks.remove(.isFull)
            note(.drained(stream.pointee.id))
        }
        return isEnd
    }

    /// Writes the end behind all bytes: trailers, or an empty frame.
    private mutating func writeEnd(_ stream: NativeStream.Pointer, _ chain: OutputChain) {
        if let trailers = stream.pointee.trailers.take() {
            write(trailers, of: stream, isEnd: true, chain)
        } else {
            write(
                FrameHeader(
                    length: 0, type: FrameType.data, flags: FrameFlag.endStream, stream: stream.pointee.id), chain)
        }
    }

    private func write(_ header: FrameHeader, _ chain: OutputChain) {
        header.write(to: chain.claim(FrameHeader.size))
        chain.commit(FrameHeader.size)
    }

    /// Writes a header block: where it leaves from if it is small, as all are but hostile ones.
    private mutating func write(
        _ fields: Fields, of stream: NativeStream.Pointer, isEnd: Bool, _ chain: OutputChain
    ) {
        let bound = HPACKEncoder.bound(fields)
        guard bound <= Self.inPlaceBlock else { return writeLarge(fields, of: stream, isEnd: isEnd, chain) }
        let target = chain.claim(FrameHeader.size + bound)
        let length = encoder.encode(
            fields, into: UnsafeMutableRawBufferPointer(start: target + FrameHeader.size, count: bound))
        FrameHeader(
            length: length, type: FrameType.headers,
            flags: FrameFlag.endHeaders | (isEnd ? FrameFlag.endStream : 0), stream: stream.pointee.id
        ).write(to: target)
        chain.commit(FrameHeader.size + length)
    }

    /// Writes a header block that may need more than one frame: HEADERS, and CONTINUATION for the rest (RFC 9113 §6.10).
    private mutating func writeLarge(
        _ fields: Fields, of stream: NativeStream.Pointer, isEnd: Bool, _ chain: OutputChain
    ) {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: HPACKEncoder.bound(fields), alignment: 8)
        defer { block.deallocate() }
        let length = encoder.encode(fields, into: block)
        var sent = 0
        repeat {
            let part = min(length - sent, Self.quantum)
            var flags: UInt8 = sent + part == length ? FrameFlag.endHeaders : 0
            if sent == 0, isEnd { flags |= FrameFlag.endStream }
            let type = sent == 0 ? FrameType.headers : FrameType.continuation
            write(FrameHeader(length: part, type: type, flags: flags, stream: stream.pointee.id), chain)
            chain.append(UnsafeRawBufferPointer(rebasing: block[sent..<sent + part]))
            sent += part
        } while sent < length
    }
}
