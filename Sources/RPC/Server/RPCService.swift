public import ProtoWire

/// A service of a contract: generated protocols refine it, and services conform to those.
public protocol RPCService: Sendable {
    static var descriptor: ServiceDescriptor { get }

    /// Tells a router the service's methods. Generated code does it.
    func register(in router: inout Router)
}

/// Hears of a router's calls, on its loop: for metrics and access logs.
public protocol CallObserver: Sendable {
    func began(_ call: Call)
    /// `error` is nil if the call went well.
    func ended(_ call: Call, error: RPCError?)
}

extension CallObserver {
    public func began(_ call: Call) {}
}
