import Exchange

/// The methods of a service, by the path of a request.
///
/// With a contract the table is closed: what it does not hold is refused before the application sees it. Without one (a
/// sidecar that stands alone) methods are entered as they come, up to a bound, so that metrics stay a closed set.
final class MethodTable: @unchecked Sendable {  // touched on its loop alone
    /// Methods that are told apart when there is no contract: far more than a service has, and few enough for metrics.
    static let mostGuessed = 512

    private var entries = ByteTable<MethodEntry>()
    private let service: String
    private let isClosed: Bool
    private let overrides: [String: MethodPolicy]
    private let other: MethodEntry

    /// - Parameter methods: the contract's, or nil if none is known.
    init(of service: String, methods: [MethodEntry]?, overrides: [String: MethodPolicy] = [:]) {
        self.service = service
        self.overrides = overrides
        isClosed = methods != nil
        other = MethodEntry(service: service, fullName: "other")
        for method in methods ?? [] {
            entries.insert(method, for: "/" + method.fullName)
        }
    }

    /// nil: the service has no such method.
    func entry(at path: UnsafeBufferPointer<UInt8>) -> MethodEntry? {
        if let entry = entries[path] { return entry }
        return isClosed ? nil : guessed(path)
    }

    private func guessed(_ path: UnsafeBufferPointer<UInt8>) -> MethodEntry? {
        guard path.first == UInt8(ascii: "/"), path.count <= 256 else { return nil }
        guard entries.count < Self.mostGuessed else { return other }
        let text = String(decoding: path, as: UTF8.self)
        let name = String(text.dropFirst())
        let entry = MethodEntry(service: service, fullName: name, policy: overrides[name] ?? MethodPolicy())
        entries.insert(entry, for: text)
        return entry
    }
}
