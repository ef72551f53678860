import MeshAPI
public import ProtoWire
public import RPC

/// Server reflection, in its two versions, for the services of a server.
///
/// Source: grpc/doc/server-reflection.md. Both versions are the same on the wire; older clients ask for v1alpha alone.
public struct ReflectionServices: Sendable {
    public let services: [any RPCService]

    /// - Parameter descriptors: the services to tell of; reflection tells of itself too.
    public init(for descriptors: [ServiceDescriptor]) {
        let own = [GrpcReflectionV1.serverReflectionDescriptor, GrpcReflectionV1alpha.serverReflectionDescriptor]
        let index = ReflectionIndex(descriptors + own)
        services = [ReflectionV1(index: index), ReflectionV1alpha(index: index)]
    }
}

private struct ReflectionV1: GrpcReflectionV1.ServerReflection {
    let index: ReflectionIndex

    func serverReflectionInfo(
        _ requests: MessageReader<GrpcReflectionV1.ServerReflectionRequest>,
        to replies: MessageWriter<GrpcReflectionV1.ServerReflectionResponse>, in call: Call
    ) async throws {
        var sent: Set<String> = []
        for try await request in requests {
            try await replies.write(index.answer(to: request, alreadySent: &sent))
        }
    }
}

private struct ReflectionV1alpha: GrpcReflectionV1alpha.ServerReflection {
    let index: ReflectionIndex

    func serverReflectionInfo(
        _ requests: MessageReader<GrpcReflectionV1alpha.ServerReflectionRequest>,
        to replies: MessageWriter<GrpcReflectionV1alpha.ServerReflectionResponse>, in call: Call
    ) async throws {
        var sent: Set<String> = []
        for try await request in requests {
            let asked = try GrpcReflectionV1.ServerReflectionRequest(decoding: request.encoded())
            let answer = index.answer(to: asked, alreadySent: &sent)
            try await replies.write(GrpcReflectionV1alpha.ServerReflectionResponse(decoding: answer.encoded()))
        }
    }
}
