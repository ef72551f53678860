import Bytes

/// Frames out of bytes, cut anywhere, and what the simple ones do.
extension NativeCore {
    /// Takes all of `bytes`, which lie in `source` if that is set. What is wrong with them is noted in `failure`.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        var input = FrameInput(base, count: bytes.count)
        do throws(Violation) {
            while !input.isEmpty { try advance(&input) }
            guard control.count <= Self.maxControl else {
                throw .connection(ErrorCode.enhanceYourCalm, "the peer sends and does not read")
            }
        } catch {
            fail(error.code, error.reason)
        }
    }

    /// Control frames that may wait. Acknowledgements have a bound of their own and resets are paid for by the budget of
    /// faults, so this is 20,000 updates of windows: more than two for each stream that may be open.
    private static var maxControl: Int { 256 << 10 }

    private mutating func advance(_ input: inout FrameInput) throws(Violation) {
        switch reading {
        case .header:
            guard let header = nextHeader(&input) else { return }
            try begin(header, &input)
        case .data(var frame):
            try read(&frame, &input)
        case .payload(let header):
            partial.append(input.take(atMost: header.length - partial.count))
            guard partial.count == header.length else { return }
            // The payload leaves the core while methods of the core judge it.
            var payload = ByteRun()
            swap(&payload, &partial)
            reading = .header
            try hear(header, payload.bytes)
        case .skipping(let count):
            let left = count - input.take(atMost: count).count
            reading = left == 0 ? .header : .skipping(left)
        case .preface(let matched):
            try readPreface(matched, &input)
        }
    }

    private mutating func readPreface(_ matched: Int, _ input: inout FrameInput) throws(Violation) {
        var matched = matched
        let preface = Self.preface
        for octet in input.take(atMost: preface.count - matched) {
            guard octet == preface[matched] else {
                throw .connection(ErrorCode.protocolError, "the peer does not speak HTTP/2")
            }
            matched += 1
        }
        reading = matched == preface.count ? .header : .preface(matched)
    }

    private mutating func nextHeader(_ input: inout FrameInput) -> FrameHeader? {
        if partial.isEmpty, let bytes = input.take(FrameHeader.size) {
            return FrameHeader(bytes)
        }
        partial.append(input.take(atMost: FrameHeader.size - partial.count))
        guard partial.count == FrameHeader.size, let bytes = partial.bytes.baseAddress else { return nil }
        let header = FrameHeader(bytes)
        partial.removeAll()
        return header
    }

    private mutating func begin(_ header: FrameHeader, _ input: inout FrameInput) throws(Violation) {
        if let openBlock, header.type != FrameType.continuation || header.stream != openBlock.stream {
            throw .connection(ErrorCode.protocolError, "another frame within a header block")
        }
        guard header.length <= ownMaxFrameSize else {
            throw .connection(ErrorCode.frameSizeError, "a frame larger than we allow")
        }
        if awaitsSettings {
            guard header.type == FrameType.settings, !header.has(FrameFlag.acknowledgement) else {
                throw .connection(ErrorCode.protocolError, "a first frame that is not SETTINGS")
            }
            awaitsSettings = false
        }
        guard header.type != FrameType.continuation || openBlock != nil else {
            throw .connection(ErrorCode.protocolError, "CONTINUATION without HEADERS")
        }
        do throws(Violation) {
            try header.check()
        } catch {
            guard error.reach == .stream else { throw error }
            reading = header.length == 0 ? .header : .skipping(header.length)
            return try heardFault(on: header.stream, error)
        }
        if header.type == FrameType.data {
            var frame = try beginData(header)
            try read(&frame, &input)
        } else if header.type > FrameType.continuation {
            reading = header.length == 0 ? .header : .skipping(header.length)
        } else if let payload = input.take(header.length) {
            try hear(header, UnsafeRawBufferPointer(start: payload, count: header.length))
        } else {
            reading = .payload(header)
        }
    }

    /// Judges a frame whose payload is all there.
    private mutating func hear(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) throws(Violation) {
        do throws(Violation) {
            switch header.type {
            case FrameType.headers: try heardHeaders(header, payload)
            case FrameType.continuation: try heardContinuation(header, payload)
            case FrameType.windowUpdate:
                try heardWindowUpdate(header.stream, by: try WindowUpdateFrame.increment(header, payload))
            case FrameType.reset:
                try heardReset(header.stream, code: ResetFrame.code(payload))
            case FrameType.settings: try heardSettings(SettingsFrame(header, payload))
            case FrameType.ping: try heardPing(PingFrame(header, payload))
            case FrameType.goAway: try heardGoAway(GoAwayFrame(payload))
            default: try PriorityFrame.check(header, payload)
            }
        } catch {
            guard error.reach == .stream else { throw error }
            try heardFault(on: header.stream, error)
        }
    }

    /// A frame broke a rule that costs its stream; where there is none to reset, it costs the connection.
    private mutating func heardFault(on id: Int32, _ violation: Violation) throws(Violation) {
        if let stream = streams.find(id), !isUnsent(stream) {
            return try resetFaulty(stream, violation.code)
        }
        guard absent(id) == .idle else { return try floods.countFault(limits) }
        throw .connection(violation.code, violation.reason)
    }
}

/// Bytes that are being read, front to back.
struct FrameInput {
    private var next: UnsafeRawPointer
    private let end: UnsafeRawPointer

    init(_ base: UnsafeRawPointer, count: Int) {
        next = base
        end = base + count
    }

    var count: Int { end - next }
    var isEmpty: Bool { next == end }

    /// The address of the next `size` bytes, if there are so many.
    @inline(__always)
    mutating func take(_ size: Int) -> UnsafeRawPointer? {
        guard size <= count else { return nil }
        defer { next += size }
        return next
    }

    /// The next bytes, `most` or all that there are.
    @inline(__always)
    mutating func take(atMost most: Int) -> UnsafeRawBufferPointer {
        let taken = UnsafeRawBufferPointer(start: next, count: min(most, count))
        next += taken.count
        return taken
    }
}
