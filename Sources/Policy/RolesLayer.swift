public import Exchange
public import Timebase

/// Lets only callers through that hold one of the roles which the method's contract names.
public final class RolesLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    public enum Mode: Sendable, Equatable {
        case enforce
        /// Calls go on, and `audit` hears what would have been refused.
        case audit
    }

    private let mode: Mode
    private let rolesOfCaller: (CallHead) -> [String]
    private let audit: (CallHead, Failure) -> Void

    public init(
        _ mode: Mode, rolesOfCaller: @escaping (CallHead) -> [String],
        audit: @escaping (CallHead, Failure) -> Void = { _, _ in }
    ) {
        self.mode = mode
        self.rolesOfCaller = rolesOfCaller
        self.audit = audit
    }

    public var hearsEndings: Bool { false }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        let needed = call.method.policy.roles
        if needed.isEmpty { return .go() }
        let held = rolesOfCaller(call)
        if needed.contains(where: held.contains) { return .go() }
        let who = call.caller.isEmpty ? "an unknown caller" : call.caller
        let failure = Failure(
            .authorize, .policyDenied, subject: call.method.fullName,
            detail: "\(who) has none of the roles \(needed.joined(separator: ", "))", reach: .neverSent)
        guard mode == .enforce else {
            audit(call, failure)
            return .go()
        }
        return .refuse(failure)
    }
}
