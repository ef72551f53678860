import Exchange
import Logging
import Policy
import ServiceKit
import Transport

/// A handler of a caller's stream that has the call's driver: itself, or behind what stands between.
protocol DrivenCall: AnyObject {
    /// nil once the call is over.
    var driver: CallDriver? { get }
}

extension Sidecar {
    /// Ends the calls under way that the rules do not allow any more, streams among them, with the reason that a new call
    /// would get.
    ///
    /// Nobody keeps a list of calls for it: rules change seldom, and connections know their streams.
    func recheckRunningCalls() {
        guard let listener = listeners["inbound"], let authorization = inbound?.authorization else { return }
        var ended = 0
        for handler in listener.handlers {
            guard let driver = handler as? CallDriver ?? (handler as? any DrivenCall)?.driver else { continue }
            // What its layer tells of calls in audit mode was told when the call came.
            guard authorization.rules.mode == .enforce,
                case .refused(var failure) = authorization.rules.decide(driver.call)
            else { continue }
            failure.detail += "; the rules changed while the call was under way"
            failure.reach = .unknown
            if driver.overrule(failure) { ended += 1 }
        }
        guard ended > 0 else { return }
        context.log.notice("calls under way were ended, since rules changed", metadata: ["calls": "\(ended)"])
    }
}
