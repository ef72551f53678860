/// The protocols beside gRPC that a service's port answers, for callers who cannot speak gRPC.
public enum WebProtocol: String, Sendable, CaseIterable {
    case grpcWeb, grpcWebText, connectUnary, connectStreaming
}
