public import Bytes

/// The head of a request that a gRPC client sends, in the order of the protocol's specification.
///
/// Source: gRPC over HTTP/2, "Requests". Whoever sends one adds its own metadata behind it.
public enum OutgoingHead {
    /// - Parameters:
    ///   - path: `/learn.course.v1.CourseService/GetCourse`
    ///   - authority: the service as the mesh calls it, or a host and port
    ///   - timeout: what remains of the deadline; nil sends none
    ///   - more: how many fields the caller will add
    public static func fields(path: String, authority: String, timeout: Duration?, more: Int = 4) -> Fields {
        var head = Fields()
        head.reserve(fields: 8 + more, bytes: 256)
        head.append(.method, "POST")
        head.append(.scheme, "http")
        head.append(.path, path)
        head.append(.authority, authority)
        head.append(.te, "trailers")
        head.append(.contentType, ContentType.grpc)
        if let timeout { head.append(.grpcTimeout, GRPCTimeout.text(for: timeout)) }
        return head
    }
}
