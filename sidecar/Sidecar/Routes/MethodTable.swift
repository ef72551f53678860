import Exchange
import MeshPolicy

/// The methods of a service, by the path of a request.
///
/// With a contract the table is closed: what it does not hold is refused before the application sees it. Without one (a
/// sidecar that stands alone, a service that has not published yet) methods are entered as they come, up to a bound, so
/// that metrics stay a closed set.
final class MethodTable: @unchecked Sendable {  // touched on its loop alone
    /// Methods that are told apart when there is no contract: far more than a service has, and few enough for metrics.
    static let mostGuessed = 512
    /// A longer path is no method's: they are names that people write.
    static let longestPath = 256

    private var entries = ByteTable<MethodEntry>()
    private let service: String
    private let isClosed: Bool
    private let overrides: [String: MethodRules]
    private let other: MethodEntry

    /// - Parameter methods: the contract's; empty if none is known.
    init(of service: String, methods: [MethodEntry] = [], overrides: [String: MethodRules] = [:]) {
        self.service = service
        self.overrides = overrides
        isClosed = !methods.isEmpty
        other = MethodEntry(service: service, fullName: "other")
        for method in methods {
            entries.insert(method, for: "/" + method.fullName)
        }
        guard isClosed else { return }
        for name in Self.infrastructure {
            let entry = MethodEntry(service: service, fullName: name, policy: MethodPolicy(isIdempotent: true))
            entries.insert(entry, for: "/" + name)
        }
    }

    /// What every service of the mesh offers beside its contract.
    private static let infrastructure = [
        "grpc.health.v1.Health/Check", "grpc.health.v1.Health/Watch", "grpc.health.v1.Health/List",
        "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    ]

    /// nil: the service has no such method.
    func entry(at path: UnsafeBufferPointer<UInt8>) -> MethodEntry? {
        if let entry = entries[path] { return entry }
        return isClosed ? nil : guessed(path)
    }

    private func guessed(_ path: UnsafeBufferPointer<UInt8>) -> MethodEntry? {
        guard path.first == UInt8(ascii: "/"), path.count <= Self.longestPath else { return nil }
        guard entries.count < Self.mostGuessed else { return other }
        let text = String(decoding: path, as: UTF8.self)
        let name = String(text.dropFirst())
        let policy = overrides[name]?.applied(to: MethodPolicy()) ?? MethodPolicy()
        let entry = MethodEntry(service: service, fullName: name, policy: policy)
        entries.insert(entry, for: text)
        return entry
    }
}
