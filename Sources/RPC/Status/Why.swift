public import Exchange
import ProtoWire
import Timebase

/// The explanation of a failure that a member of the mesh made: the content of the trailer `weft-why-bin`.
///
/// It is `weft.why.v1.Why`, written and read by hand here, since generated code stands above this target.
public struct Why: Sendable, Equatable {
    /// Attempts past this many are not sent: a trailer block is bounded.
    static let attemptLimit = 8

    public var phase = ""
    public var cause = ""
    public var subject = ""
    public var detail = ""
    /// The member that says so.
    public var reporter = ""
    public var requestID = ""
    public var attempts: [AttemptRecord] = []

    public init() {}

    public init(
        _ failure: Failure, reporter: String = "", requestID: String = "", attempts: [AttemptRecord] = []
    ) {
        phase = failure.phase.rawValue
        cause = failure.cause.rawValue
        subject = failure.subject
        detail = failure.detail
        self.reporter = reporter
        self.requestID = requestID
        self.attempts = attempts
    }

    /// `PICK.no_endpoints[course]`
    public var reason: String {
        subject.isEmpty ? "\(phase).\(cause)" : "\(phase).\(cause)[\(subject)]"
    }

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
            case 0x3A: attempts.append(try Why.attempt(in: try reader.rawBytes()))
            default: try reader.skip(tag)
            }
        }
    }

    private static func attempt(in bytes: UnsafeRawBufferPointer) throws(DecodeError) -> AttemptRecord {
        var reader = WireReader(bytes)
        var record = AttemptRecord(endpoint: "", waited: .zero, awaited: .zero, reason: "")
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0A: record.endpoint = try reader.string()
            case 0x10: record.waited = .microseconds(try reader.int64())
            case 0x28: record.awaited = .microseconds(try reader.int64())
            case 0x3A: record.reason = try reader.string()
            default: try reader.skip(tag)
            }
        }
        return record
    }

    /// The serialized `weft.why.v1.Why`. Fields are written last first, as the writer wants them.
    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        for attempt in attempts.suffix(Why.attemptLimit).reversed() {
            let before = writer.count
            if !attempt.reason.isEmpty { writer.string(attempt.reason, tag: 0x3A) }
            writer.int64(attempt.awaited.clampedNanoseconds / 1000, tag: 0x28)
            writer.int64(attempt.waited.clampedNanoseconds / 1000, tag: 0x10)
            if !attempt.endpoint.isEmpty { writer.string(attempt.endpoint, tag: 0x0A) }
            writer.varint(UInt64(writer.count - before))
            writer.tag(0x3A)
        }
        for (text, tag) in [
            (requestID, 0x32), (reporter, 0x2A), (detail, 0x22), (subject, 0x1A), (cause, 0x12), (phase, 0x0A),
        ] where !text.isEmpty {
            writer.string(text, tag: UInt32(tag))
        }
        return writer.array()
    }
}
