/// Calls to a service by its target, without a sidecar: it resolves, connects, balances and repeats.
public struct Client: Sendable {
    /// What is called, as gRPC writes targets (naming.md): `dns:///host:port`, `unix:path`, `ipv4:address:port`.
    public let target: String

    public init(target: String) {
        self.target = target
    }
}
