import Exchange
import Reactor
import Transport

/// What the stacks of one direction share.
struct StackParts {
    let loop: Loop
    let network: any Network
    let identity: IdentityBox
    let telemetry: Telemetry
    /// Hears what happens to connections.
    let connections: ConnectionEvents
}
