import Bytes

/// DATA that comes in, and the windows that it is counted against (RFC 9113 §6.1, §6.9).
extension NativeCore {
    /// DATA of at least this size is handed on as a part of the chunk it came in; less is copied, so that a small message
    /// does not keep a whole read block alive.
    private static var sliceFrom: Int { 8 << 10 }

    /// What a chunk's memory costs besides its bytes: without it a peer could make us hold a hundred times of what it sent,
    /// one octet a frame.
    private static var chunkCost: Int { 64 }

    /// Counts a frame against the windows, and finds out whether anybody wants it.
    mutating func beginData(_ header: FrameHeader) throws(Violation) -> DataFrame {
        var frame = try DataFrame(header)
        guard receiveWindow.take(header.length) else {
            throw .connection(ErrorCode.flowControlError, "more DATA than the connection's window")
        }
        if !frame.awaitsPadLength { try countUse(frame) }
        guard let stream = streams.find(header.stream), !isUnsent(stream) else {
            try judgeStray(header.stream)
            frame.isDiscarded = true
            return frame
        }
        guard stream.pointee.state.isRemoteOpen, stream.pointee.receiveWindow.take(header.length) else {
            let isOpen = stream.pointee.state.isRemoteOpen
            frame.isDiscarded = true
            try resetFaulty(stream, isOpen ? ErrorCode.flowControlError : ErrorCode.streamClosed)
            return frame
        }
        return frame
    }

    private mutating func countUse(_ frame: DataFrame) throws(Violation) {
        if frame.dataLeft == 0, !frame.isEnd {
            try floods.countEmptyFrame(limits)
        } else {
            floods.countUsefulFrame()
        }
    }

    /// DATA on a stream that is not there: read over it if it may have crossed our reset.
    private func judgeStray(_ id: Int32) throws(Violation) {
        switch absent(id) {
        case .discarded: break
        case .idle: throw .connection(ErrorCode.protocolError, "DATA on an idle stream")
        case .ended, .skipped: throw .connection(ErrorCode.streamClosed, "DATA on a closed stream")
        }
    }

    /// Hands on what there is of a frame, and remembers it if more is to come.
    mutating func read(_ frame: inout DataFrame, _ input: inout FrameInput) throws(Violation) {
        if frame.awaitsPadLength {
            guard let octet = input.take(1) else { return reading = .data(frame) }
            try frame.take(padLength: octet.load(as: UInt8.self))
            try countUse(frame)
            owed += frame.padding
        }
        let (piece, isEnd) = frame.takeData(&input)
        if !piece.isEmpty || isEnd {
            if !frame.isDiscarded, let stream = streams.find(frame.stream) {
                try deliver(piece, to: stream, isEnd: isEnd, &frame)
            } else {
                giveBack(piece.count, on: nil)
            }
        }
        guard frame.skipPadding(&input) else { return reading = .data(frame) }
        reading = .header
        guard frame.padding > 0 else { return }
        settleConnectionWindow()
        guard !frame.isDiscarded, let stream = streams.find(frame.stream) else { return }
        giveBackStream(frame.padding, stream)
    }

    private mutating func deliver(
        _ piece: UnsafeRawBufferPointer, to stream: NativeStream.Pointer, isEnd: Bool, _ frame: inout DataFrame
    ) throws(Violation) {
        guard !stream.pointee.marks.contains(.isDeaf) else {
            giveBack(piece.count, on: stream)
            if isEnd { try endRemote(stream) }
            return
        }
        guard stream.pointee.message.takes(piece.count) else {
            frame.isDiscarded = true
            giveBack(piece.count, on: nil)
            return try resetFaulty(stream, ErrorCode.protocolError)
        }
        let id = stream.pointee.id
        let mayEnd = isEnd && stream.pointee.message.mayEnd
        if !piece.isEmpty {
            hold(piece.count, on: stream)
            try emit(.chunk(id, chunk(of: piece), end: mayEnd))
        } else if mayEnd, !events.endLastChunk(of: id) {
            try emit(.chunk(id, .empty, end: true))
        }
        guard isEnd else { return }
        guard mayEnd else { return try resetFaulty(stream, ErrorCode.protocolError) }
        try endRemote(stream)
    }

    /// The bytes as something that lasts: shared if they are many and lie in a chunk, else copied.
    private func chunk(of piece: UnsafeRawBufferPointer) -> Chunk {
        guard piece.count >= Self.sliceFrom, var slice = source, let start = piece.baseAddress else {
            return Chunk(copying: piece)
        }
        let offset = slice.withUnsafeBytes { whole in whole.baseAddress.map { start - $0 } ?? 0 }
        slice.dropPrefix(offset)
        return slice.takePrefix(piece.count)
    }

    // MARK: Windows

    /// Notes that `count` bytes were handed out on a stream.
    private mutating func hold(_ count: Int, on stream: NativeStream.Pointer) {
        stream.pointee.unconsumed += count
        stream.pointee.charged += Self.chunkCost
        held += count + Self.chunkCost
        owe(count)
    }

    /// The application used `count` bytes up.
    mutating func consume(_ count: Int, on stream: NativeStream.Pointer) {
        let used = min(count, stream.pointee.unconsumed)
        guard used > 0 else { return }
        stream.pointee.unconsumed -= used
        held -= used
        if stream.pointee.unconsumed == 0 {
            held -= stream.pointee.charged
            stream.pointee.charged = 0
        }
        giveBackStream(used, stream)
        settleConnectionWindow()
    }

    /// Nobody will consume what is held of a stream.
    mutating func release(_ stream: NativeStream.Pointer) {
        held -= stream.pointee.unconsumed + stream.pointee.charged
        stream.pointee.unconsumed = 0
        stream.pointee.charged = 0
        settleConnectionWindow()
    }

    /// Gives window back for bytes that nobody sees.
    private mutating func giveBack(_ count: Int, on stream: NativeStream.Pointer?) {
        guard count > 0 else { return }
        owe(count)
        if let stream { giveBackStream(count, stream) }
    }

    /// A stream whose other half ended needs no window.
    private mutating func giveBackStream(_ count: Int, _ stream: NativeStream.Pointer) {
        guard stream.pointee.state.isRemoteOpen else { return }
        if let increment = stream.pointee.receiveWindow.giveBack(count) {
            WindowUpdateFrame.write(stream.pointee.id, increment: increment, to: &control)
        }
    }

    private mutating func owe(_ count: Int) {
        owed += count
        settleConnectionWindow()
    }

    /// Gives the connection's window back for all but what is held above the limit (`HTTP2Limits.maxHeldBytes`).
    private mutating func settleConnectionWindow() {
        let due = owed - max(0, held - limits.maxHeldBytes)
        guard due > 0 else { return }
        owed -= due
        if let increment = receiveWindow.giveBack(due) {
            WindowUpdateFrame.write(0, increment: increment, to: &control)
        }
    }
}
