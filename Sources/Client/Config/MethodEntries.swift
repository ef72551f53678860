import Bytes
import Exchange
import RPC

/// What a client's configuration says of each method, by the path of a request: worked out when a method is first called.
final class MethodEntries {
    /// Paths come from stubs, and programs have fewer. What is more shares one entry, without a configuration.
    static let most = 4096

    private let config: ServiceConfig
    private let target: String
    private var entries = ByteTable<MethodEntry>()
    /// For whatever nothing is said about.
    let other: MethodEntry

    init(_ config: ServiceConfig, of target: String) {
        self.config = config
        self.target = target
        other = MethodEntry(service: target, fullName: target)
    }

    func entry(at path: UnsafeBufferPointer<UInt8>) -> MethodEntry {
        if let known = entries[path] { return known }
        guard entries.count < Self.most else { return other }
        let text = String(decoding: path, as: UTF8.self)
        let entry = MethodEntry(
            service: target, fullName: String(text.dropFirst()), policy: config.method(text)?.policy ?? MethodPolicy())
        entries.insert(entry, for: text)
        return entry
    }
}

/// The sizes of a configuration, for the channel that keeps them.
struct ConfiguredLimits: MethodLimits {
    private let config: ServiceConfig

    /// nil if the configuration limits nothing: its calls then do not ask.
    init?(_ config: ServiceConfig) {
        let limits = config.methods.contains { $0.maxRequestMessageBytes != nil || $0.maxReplyMessageBytes != nil }
        guard limits else { return nil }
        self.config = config
    }

    func limits(of path: String) -> (request: Int?, reply: Int?)? {
        config.method(path).map { ($0.maxRequestMessageBytes, $0.maxReplyMessageBytes) }
    }
}
