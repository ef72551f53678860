import Timebase

/// What a peer may make this session do without getting anything done: budgets that the session counts against.
///
/// | what comes                                            | what pays for it                                        |
/// |-------------------------------------------------------|---------------------------------------------------------|
/// | streams that the peer resets (CVE-2023-44487)         | a bucket: so many at once, refilled by time and by streams that ended well |
/// | stream errors of the peer's making (CVE-2025-8671)    | streams that ended well                                 |
/// | PING and SETTINGS to be acknowledged (CVE-2019-9512, -9515) | output that is taken                              |
/// | DATA without bytes and without an end (CVE-2019-9518) | a frame that brings something                           |
///
/// The bucket needs no clock: without `reach` it is refilled by streams that ended well alone, which is the stricter half.
struct FloodGuard {
    private var resets: Int
    /// The part of the next reset that time has paid for, in billionths.
    private var resetShare: Int64 = 0
    private var reached: Instant?
    private var faults = 0
    private var acknowledgements = 0
    private var emptyFrames = 0

    init(_ limits: borrowing HTTP2Limits) {
        resets = limits.resetBurst
    }

    /// It is `now`: as many resets are free again as the rate says.
    mutating func reach(_ now: Instant, _ limits: borrowing HTTP2Limits) {
        guard let before = reached else {
            reached = now
            return
        }
        guard resets < limits.resetBurst else {
            reached = now
            resetShare = 0
            return
        }
        let passed = before.duration(to: now).clampedNanoseconds
        guard passed > 0 else { return }
        reached = now
        let (product, overflow) = passed.multipliedReportingOverflow(by: Int64(limits.resetsPerSecond))
        let earned = overflow ? Int64.max - Self.whole : product
        let (whole, share) = (resetShare + min(earned, Int64.max - Self.whole)).quotientAndRemainder(
            dividingBy: Self.whole)
        resets = min(limits.resetBurst, resets + Int(min(whole, Int64(limits.resetBurst))))
        resetShare = share
    }

    private static let whole: Int64 = 1_000_000_000

    /// The peer reset a stream that it had opened.
    mutating func countReset() throws(Violation) {
        guard resets > 0 else {
            throw .connection(ErrorCode.enhanceYourCalm, "the peer resets too many streams")
        }
        resets -= 1
    }

    /// The peer did something that cost it a stream.
    mutating func countFault(_ limits: borrowing HTTP2Limits) throws(Violation) {
        faults += 1
        guard faults <= limits.maxFaults else {
            throw .connection(ErrorCode.enhanceYourCalm, "too many stream errors")
        }
    }

    /// A stream ended as it should.
    mutating func countGoodEnd(_ limits: borrowing HTTP2Limits) {
        if faults > 0 { faults -= 1 }
        if resets < limits.resetBurst { resets += 1 }
    }

    /// An acknowledgement was queued.
    mutating func countAcknowledgement(_ limits: borrowing HTTP2Limits) throws(Violation) {
        acknowledgements += 1
        guard acknowledgements <= limits.maxQueuedAcks else {
            throw .connection(ErrorCode.enhanceYourCalm, "the peer asks for acknowledgements and does not read them")
        }
    }

    /// What was queued was taken.
    mutating func outputWasTaken() {
        acknowledgements = 0
    }

    /// A DATA frame with neither bytes nor an end came.
    mutating func countEmptyFrame(_ limits: borrowing HTTP2Limits) throws(Violation) {
        emptyFrames += 1
        guard emptyFrames <= limits.maxEmptyFrames else {
            throw .connection(ErrorCode.enhanceYourCalm, "too many empty DATA frames")
        }
    }

    /// A frame brought something.
    mutating func countUsefulFrame() {
        emptyFrames = 0
    }
}
