import Exchange
import Policy
import Reactor
import ServiceKit
import Transport

/// What the stacks of one direction share.
struct StackParts {
    /// Whose sidecar it is.
    let service: String
    let loop: Loop
    let network: any Network
    let identity: IdentityBox
    let telemetry: Telemetry
    /// What is shed at the moment.
    let shedding: SheddingState
    /// Hears what happens to connections.
    let connections: ConnectionEvents
    let metrics: MetricsRegistry
}
