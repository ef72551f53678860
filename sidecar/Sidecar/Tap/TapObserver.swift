import Bytes
import Exchange
import MeshAPI
import Timebase

/// Tells one tap of one call.
final class TapObserver {
    /// What is kept of a call until its code is known, where only some codes are wanted.
    private static let mostHeld = 32

    private let tap: Tap
    private let number: UInt64
    private let direction: String
    private var request: MessageSampler
    private var answer: MessageSampler
    private var held: [Tap.Event] = []
    private var leftOut: UInt64 = 0
    private var isOver = false

    init(_ tap: Tap, number: UInt64, _ direction: String) {
        self.tap = tap
        self.number = number
        self.direction = direction
        request = MessageSampler(keeps: tap.messageBytes)
        answer = MessageSampler(keeps: tap.messageBytes)
    }

    func began(_ call: CallHead) {
        var head = WeftAdminV1.TapHead()
        head.fields = TapFields.shown(call.request)
        tell(.head(head), of: call)
    }

    func heard(_ chunk: Chunk, isRequest: Bool, of call: CallHead) {
        let samples = isRequest ? request.take(chunk) : answer.take(chunk)
        for sample in samples {
            var message = WeftAdminV1.TapMessage()
            message.isRequest = isRequest
            message.size = UInt32(clamping: sample.size)
            message.content = sample.content
            message.isCompressed = sample.isCompressed
            tell(.message(message), of: call)
        }
    }

    func ended(_ call: CallHead, code: Int, message: String, why: WeftWhyV1.Why?, at now: Instant) {
        guard !isOver else { return }
        isOver = true
        defer { tap.callEnded() }
        guard tap.takes(code) else { return }
        for event in held { tap.tell(event) }
        held = []
        if leftOut > 0 { tap.tell(event(.missed(leftOut), of: call)) }
        var end = WeftAdminV1.TapEnd()
        end.code = UInt32(clamping: code)
        end.message = message
        end.tookUs = call.startedAt.duration(to: now).clampedNanoseconds / 1000
        end.why = why
        tap.tell(event(.end(end), of: call))
    }

    private func tell(_ kind: Tap.Event.Event, of call: CallHead) {
        guard !tap.codes.isEmpty else { return tap.tell(event(kind, of: call)) }
        if held.count < Self.mostHeld { held.append(event(kind, of: call)) } else { leftOut += 1 }
    }

    private func event(_ kind: Tap.Event.Event, of call: CallHead) -> Tap.Event {
        var event = Tap.Event()
        event.call = number
        event.direction = direction
        event.caller = call.caller
        event.callee = call.method.service
        event.method = call.method.isCollective ? String((call.request[.path] ?? "").dropFirst()) : call.method.fullName
        event.endpoint = call.endpoint
        event.requestId = call.requestID
        event.event = kind
        return event
    }
}

/// Metadata as it may be shown: without what proves who somebody is.
enum TapFields {
    static let mostFields = 64
    static let longestValue = 1024

    static func shown(_ head: Fields) -> [WeftAdminV1.TapField] {
        var shown: [WeftAdminV1.TapField] = []
        for field in head where shown.count < mostFields && mayBeShown(field) {
            var said = WeftAdminV1.TapField()
            said.name = field.name
            said.value = String(field.value.prefix(longestValue))
            shown.append(said)
        }
        return shown
    }

    /// Binary metadata is left out as well: tokens travel in it, and nobody reads it.
    private static func mayBeShown(_ field: Field) -> Bool {
        let name = field.name
        if field.known.isPseudo || field.isSensitive || name.hasSuffix("-bin") { return false }
        return !secret.contains(where: name.contains)
    }

    /// Parts of names whose values are secrets, or may be.
    private static let secret = [
        "authorization", "cookie", "token", "secret", "password", "credential", "api-key", "apikey", "assertion",
        "session", "signature", "jwt",
    ]
}
