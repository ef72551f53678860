import Exchange
import Policy
package import Resilience

/// One endpoint of a destination as people look at it.
package struct EndpointStatus: Equatable {
    package var address: String
    package var breaker: CircuitBreaker.Status
    /// The call that tripped the breaker last.
    package var lastFault: String
    /// What balancing compares; less is better.
    package var load: Double
    package var inFlight: Int
    /// `ready`, `connecting`, `idle`, `shutdown`, or why not.
    package var connection: String
}

extension Stack {
    /// The breaker among the layers of an endpoint's stack. For people and changes: calls do not look for it.
    var breaker: BreakerLayer? { layers.lazy.compactMap { $0 as? BreakerLayer }.first }
}
