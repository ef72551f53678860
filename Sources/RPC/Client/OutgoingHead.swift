public import Bytes
import Compression
import Exchange
import ProtoWire
import Timebase

/// The head of a request that a gRPC client sends, in the order of the protocol's specification.
///
/// Source: gRPC over HTTP/2, "Requests". Whoever sends one adds its own metadata behind it.
public enum OutgoingHead {
    /// - Parameters:
    ///   - path: `/learn.course.v1.CourseService/GetCourse`
    ///   - authority: the service as the mesh calls it, or a host and port
    ///   - timeout: what remains of the deadline; nil sends none
    ///   - isSecure: the connection is TLS
    ///   - more: how many fields the caller will add
    public static func fields(
        path: String, authority: String, timeout: Duration?, isSecure: Bool = false, more: Int = 4
    ) -> Fields {
        var head = Fields()
        head.reserve(fields: 8 + more, bytes: 256)
        head.append(.method, "POST")
        head.append(.scheme, isSecure ? "https" : "http")
        head.append(.path, path)
        head.append(.authority, authority)
        head.append(.te, "trailers")
        head.append(.contentType, ContentType.grpc)
        if let timeout { head.append(.grpcTimeout, GRPCTimeout.text(for: timeout)) }
        return head
    }

    /// The head of a channel's call, with all that it inherits.
    static func fields(of call: OpenCall, to destination: String, isSecure: Bool) -> Fields {
        let options = call.options
        var head = fields(
            path: call.method.path, authority: destination,
            timeout: call.deadline.map { call.startedAt.duration(to: $0) }, isSecure: isSecure,
            more: 6 + options.metadata.fields.count)
        if options.compression != .identity { head.append(.grpcEncoding, options.compression.rawValue) }
        head.append(.grpcAcceptEncoding, MessageEncoding.accepted)
        head.append(.userAgent, "grpc-swift-weft/0.1")
        if let criticality = options.criticality { head.append(.weftCriticality, criticality.text) }
        if let parent = call.context.parent { inherit(from: parent, unless: options, &head) }
        head.append(contentsOf: options.metadata.fields)
        return head
    }

    /// The request's id, its criticality and the trace go on, as far as the caller does not set its own.
    private static func inherit(from parent: Call, unless options: CallOptions, _ head: inout Fields) {
        let own = options.metadata.fields
        if options.criticality == nil, own[.weftCriticality] == nil, let criticality = parent.criticality {
            head.append(.weftCriticality, criticality.text)
        }
        let requestID = parent.requestID
        if !requestID.isEmpty, own[.requestID] == nil { head.append(.requestID, requestID) }
        guard let trace = parent.traceParent, own[.traceParent] == nil else { return }
        head.append(.traceParent, trace)
        // It means nothing without the parent that it belongs to.
        if let state = parent.traceState, own["tracestate"] == nil { head.append("tracestate", state) }
    }
}
