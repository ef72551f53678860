import Exchange
import Timebase

/// The outermost layer of every stack: it hears of each call, refused or not, and tells its direction's `Telemetry`.
final class TelemetryLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    private let telemetry: Telemetry

    init(_ telemetry: Telemetry) {
        self.telemetry = telemetry
    }

    var judgesUse: Bool { false }

    func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        telemetry.began(call)
        return .go()
    }

    func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        telemetry.ended(call, outcome)
        return .done
    }
}
