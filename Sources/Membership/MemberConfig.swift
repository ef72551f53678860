public import Transport

/// Who a member is, and how it finds its control plane.
public struct MemberConfig: Sendable {
    /// The member's mesh name: `course`.
    public var service: String
    /// This instance, unique in the mesh and the same over its restarts.
    public var instance: String
    public var control: SocketAddress
    public var trustDomain: String
    public var namespace: String
    /// By whom the control plane's certificate must be signed before the member has an identity of its own.
    public var roots: [Certificate]
    /// Reads them again, at each join, if they can have changed since.
    public var readRoots: (@Sendable () throws -> [Certificate])?
    /// The secret that vouches for the member: read at each join, since it may be replaced.
    public var joinToken: @Sendable () throws -> String
    /// What the instance runs: `v2`. Splits choose by it; empty if nobody says.
    public var version: String
    /// Where operators reach the instance; empty if nobody may.
    public var admin: String

    public init(
        service: String, instance: String, control: SocketAddress, trustDomain: String, namespace: String,
        roots: [Certificate], joinToken: @escaping @Sendable () throws -> String, version: String = "",
        admin: String = ""
    ) {
        self.service = service
        self.instance = instance
        self.control = control
        self.trustDomain = trustDomain
        self.namespace = namespace
        self.roots = roots
        self.joinToken = joinToken
        self.version = version
        self.admin = admin
    }

    /// Who must answer as the control plane.
    public var controlID: String { "spiffe://\(trustDomain)/ns/\(namespace)/sa/\(ServiceName.control)" }
}
