import Bytes
public import Exchange

extension CallHead {
    /// The trace that the call belongs to, as 32 hexadecimal digits; empty where nobody traces.
    public var traceID: String {
        request[.traceParent].flatMap { TraceParent($0) }?.traceID ?? ""
    }
}
