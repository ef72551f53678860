import Exchange
import ProtoWire
import Timebase

// Fields are written last first, as the writer wants them; tags are those of `weft/why/v1/why.proto`.
extension Why {
    /// Reads what a peer sent; nil if it is no `weft.why.v1.Why`.
    public init?(bytes: [UInt8]) {
        let parsed = bytes.withUnsafeBufferPointer { buffer -> Why? in
            var reader = WireReader(UnsafeRawBufferPointer(buffer))
            var why = Why()
            do {
                try why.read(&reader)
                return why
            } catch {
                return nil
            }
        }
        guard let parsed else { return nil }
        self = parsed
    }

    private mutating func read(_ reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0A: phase = try reader.string()
            case 0x12: cause = try reader.string()
            case 0x1A: subject = try reader.string()
            case 0x22: detail = try reader.string()
            case 0x2A: reporter = try reader.string()
            case 0x32: requestID = try reader.string()
            case 0x3A:
                let bytes = try reader.rawBytes()
                if attempts.count < Self.mostRead { attempts.append(try AttemptRecord(wire: bytes)) }
            case 0x42: state = try StackState(wire: try reader.rawBytes())
            case 0x4A: traceID = try reader.string()
            default: try reader.skip(tag)
            }
        }
    }

    /// The serialized `weft.why.v1.Why`, of `byteLimit` bytes at most: attempts are left out from the middle until it fits.
    public func encoded() -> [UInt8] {
        var kept = attempts.count
        var shown = Self.cut(attempts, to: Self.attemptLimit)
        while true {
            let bytes = encoded(with: shown)
            kept = shown.count
            if bytes.count <= Self.byteLimit || kept == 0 { return bytes }
            shown = Self.cut(shown, to: kept - 1)
        }
    }

    /// The first and the last ones.
    private static func cut(_ attempts: [AttemptRecord], to count: Int) -> [AttemptRecord] {
        guard attempts.count > count else { return attempts }
        return Array(attempts.prefix(count / 2) + attempts.suffix(count - count / 2))
    }

    private func encoded(with attempts: [AttemptRecord]) -> [UInt8] {
        var writer = WireWriter()
        if !traceID.isEmpty { writer.string(traceID.cut(to: Self.textLimit), tag: 0x4A) }
        if let state { state.write(to: &writer, tag: 0x42) }
        for attempt in attempts.reversed() { attempt.write(to: &writer, tag: 0x3A) }
        for (text, tag, limit) in [
            (requestID, 0x32, Self.textLimit), (reporter, 0x2A, Self.textLimit), (detail, 0x22, Self.detailLimit),
            (subject, 0x1A, Self.textLimit), (cause, 0x12, Self.textLimit), (phase, 0x0A, Self.textLimit),
        ] where !text.isEmpty {
            writer.string(text.cut(to: limit), tag: UInt32(tag))
        }
        return writer.array()
    }
}

extension AttemptRecord {
    fileprivate init(wire bytes: UnsafeRawBufferPointer) throws(DecodeError) {
        var reader = WireReader(bytes)
        self.init(endpoint: "", waited: .zero, awaited: .zero, reason: "")
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0A: endpoint = try reader.string()
            case 0x10: waited = .microseconds(try reader.int64())
            case 0x18: connected = .microseconds(try reader.int64())
            case 0x20: sent = .microseconds(try reader.int64())
            case 0x28: awaited = .microseconds(try reader.int64())
            case 0x32: breaker = try reader.string()
            case 0x3A: reason = try reader.string()
            default: try reader.skip(tag)
            }
        }
    }

    fileprivate func write(to writer: inout WireWriter, tag: UInt32) {
        let before = writer.count
        if !reason.isEmpty { writer.string(reason.cut(to: Why.textLimit), tag: 0x3A) }
        if !breaker.isEmpty { writer.string(breaker, tag: 0x32) }
        for (duration, tag) in [(awaited, 0x28), (sent, 0x20), (connected, 0x18), (waited, 0x10)]
        where duration != .zero {
            writer.int64(duration.clampedNanoseconds / 1000, tag: UInt32(tag))
        }
        if !endpoint.isEmpty { writer.string(endpoint.cut(to: Why.textLimit), tag: 0x0A) }
        writer.varint(UInt64(writer.count - before))
        writer.tag(tag)
    }
}

extension StackState {
    fileprivate init(wire bytes: UnsafeRawBufferPointer) throws(DecodeError) {
        var reader = WireReader(bytes)
        self.init()
        var occupancy = Occupancy(inFlight: 0, waiting: 0, limit: 0)
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: budgetLeft = Int(try reader.uint32())
            case 0x10: occupancy.inFlight = Int(try reader.uint32())
            case 0x18: occupancy.waiting = Int(try reader.uint32())
            case 0x20: occupancy.limit = Int(try reader.uint32())
            case 0x28: endpoints = Int(try reader.uint32())
            case 0x30: usableEndpoints = Int(try reader.uint32())
            case 0x38: isPanic = try reader.bool()
            default: try reader.skip(tag)
            }
        }
        if occupancy.limit > 0 { bulkhead = occupancy }
    }

    fileprivate func write(to writer: inout WireWriter, tag: UInt32) {
        let before = writer.count
        let numbers: [(Int?, UInt32)] = [
            (isPanic ? 1 : nil, 0x38), (endpoints.map { _ in usableEndpoints }, 0x30), (endpoints, 0x28),
            (bulkhead?.limit, 0x20), (bulkhead?.waiting, 0x18), (bulkhead?.inFlight, 0x10), (budgetLeft, 0x08),
        ]
        for case (let number?, let tag) in numbers {
            writer.varint(UInt64(number))
            writer.tag(tag)
        }
        writer.varint(UInt64(writer.count - before))
        writer.tag(tag)
    }
}

extension String {
    /// Cut to whole scalars of so many bytes at most.
    fileprivate func cut(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var kept = ""
        var size = 0
        for scalar in unicodeScalars {
            size += UTF8.width(scalar)
            if size > limit - 3 { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept + "..."
    }
}
