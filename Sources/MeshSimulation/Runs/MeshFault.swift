import Simulation
import Timebase

/// Something that breaks in a town, or is changed in it, while calls are under way.
public struct MeshFault: Sendable, CustomStringConvertible {
    public enum What: Sendable, Equatable {
        /// Two sidecars do not reach each other.
        case cut
        /// A sidecar does not reach the control plane.
        case cutFromControl
        /// Every connection of a sidecar, or of an application, is reset.
        case resetConnections
        /// A process does nothing for a while.
        case pause
        case crashApplication
        case crashSidecar
        /// Both at once, as when a machine dies.
        case crashPod
        case crashControl
        /// SIGTERM, drain, and a successor.
        case deploy
        case deployControl
        /// Handlers of a replica take longer.
        case slow
        /// Handlers of a replica fail.
        case failing
        /// A machine's clock of the day is wrong.
        case skew
        /// The network gets slow and loses packets.
        case weather
        /// The clock of all jumps forward.
        case jump
        /// Two replicas of different services die, and each comes back at the other's address.
        case exchangeAddresses
        /// An operator applies other policies.
        case policy
    }

    public var what: What
    /// How often in a run.
    public var times: ClosedRange<Int>
    /// For how long; what is dead for so long is started again.
    public var lasting: ClosedRange<Duration>

    public init(
        _ what: What, times: ClosedRange<Int> = 0...1, for lasting: ClosedRange<Duration> = .seconds(1)...(.seconds(5))
    ) {
        self.what = what
        self.times = times
        self.lasting = lasting
    }

    public var description: String { "\(what)" }

    /// One of each, more or less.
    public static let all: [MeshFault] = [
        MeshFault(.cut, times: 0...3, for: .milliseconds(50)...(.seconds(8))),
        MeshFault(.cutFromControl, times: 0...1, for: .seconds(1)...(.seconds(12))),
        MeshFault(.resetConnections, times: 0...3),
        MeshFault(.pause, times: 0...2, for: .milliseconds(20)...(.seconds(3))),
        MeshFault(.crashApplication, times: 0...1, for: .milliseconds(10)...(.seconds(4))),
        MeshFault(.crashSidecar, times: 0...1, for: .milliseconds(10)...(.seconds(4))),
        MeshFault(.crashPod, times: 0...1, for: .milliseconds(10)...(.seconds(15))),
        MeshFault(.crashControl, times: 0...1, for: .milliseconds(100)...(.seconds(8))),
        MeshFault(.deploy, times: 0...1, for: .milliseconds(10)...(.seconds(1))),
        MeshFault(.deployControl, times: 0...1, for: .milliseconds(100)...(.seconds(2))),
        MeshFault(.slow, times: 0...2, for: .milliseconds(100)...(.seconds(5))),
        MeshFault(.failing, times: 0...2, for: .milliseconds(100)...(.seconds(5))),
        MeshFault(.skew, times: 0...2, for: .seconds(1)...(.seconds(5))),
        MeshFault(.weather, times: 0...1, for: .milliseconds(500)...(.seconds(4))),
        MeshFault(.exchangeAddresses, times: 0...1, for: .milliseconds(10)...(.seconds(2))),
        MeshFault(.policy, times: 0...2),
        MeshFault(.jump, times: 0...1, for: .milliseconds(10)...(.seconds(2))),
    ]
}
