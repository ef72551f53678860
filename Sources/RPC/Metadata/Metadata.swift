public import Bytes
import ProtoWire

/// What callers and services tell each other beside messages: names with values, in order, names repeated or not.
///
/// Names are lower case. A name that ends in `-bin` has bytes for its value, and travels in base64 (gRPC PROTOCOL-HTTP2,
/// "Custom-Metadata"). Names that gRPC or HTTP use themselves are refused.
public struct Metadata: Sendable {
    /// The fields as they travel; never a reserved one.
    public private(set) var fields: Fields

    public init() {
        fields = Fields()
    }

    /// What a peer sent, without what belongs to HTTP and gRPC themselves.
    init(received: Fields) {
        fields = received
        fields.removeAll { field in field.known != .other ? field.known.isReserved : Metadata.isReserved(field.name) }
    }

    public var isEmpty: Bool { fields.isEmpty }
    public var count: Int { fields.count }

    /// The first value called `name`, as text.
    public subscript(name: String) -> String? { fields[name] }

    /// All values called `name`, as text, in order.
    public func values(_ name: String) -> [String] {
        fields.filter { $0.nameEquals(name) }.map(\.value)
    }

    /// All values of a name that ends in `-bin`. Peers may join several with commas; values that are no base64 are dropped.
    public func binaryValues(_ name: String) -> [[UInt8]] {
        values(name).flatMap { joined in
            joined.split(separator: ",", omittingEmptySubsequences: false).compactMap { part in
                Base64.decode(String(part.drop { $0 == " " }))
            }
        }
    }

    /// Adds a text value.
    public mutating func add(_ name: String, _ value: String) throws(MetadataError) {
        try Metadata.check(name, isBinary: false)
        guard value.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else { throw MetadataError(.invalidValue, name) }
        // Space around a value is no part of it on the wire (RFC 9110 §5.5).
        fields.append(name, Metadata.trimmed(value))
    }

    /// Adds bytes under a name that ends in `-bin`.
    public mutating func add(_ name: String, bytes: [UInt8]) throws(MetadataError) {
        try Metadata.check(name, isBinary: true)
        fields.append(name, Base64.encode(bytes, padded: false))
    }

    public mutating func remove(_ name: String) {
        fields.removeAll { $0.nameEquals(name) }
    }

    /// Adds all of `other`.
    public mutating func add(contentsOf other: Metadata) {
        fields.append(contentsOf: other.fields)
    }

    private static func check(_ name: String, isBinary: Bool) throws(MetadataError) {
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isName, !name.isEmpty, name.hasSuffix("-bin") == isBinary else { throw MetadataError(.invalidName, name) }
        guard !isReserved(name) else { throw MetadataError(.reservedName, name) }
    }

    /// Names of gRPC and of HTTP connections, which an application must not set: but for what a service asks of its callers'
    /// retries, in the metadata of an error (gRFC A6).
    static func isReserved(_ name: String) -> Bool {
        if name.hasPrefix("grpc-") { return name != Fields.Name.grpcRetryPushback.text }
        if name.hasPrefix(":") { return true }
        return switch name {
        case "te", "content-type", "content-length", "user-agent", "host", "connection", "transfer-encoding",
            "keep-alive", "proxy-connection", "upgrade":
            true
        default: false
        }
    }

    private static func trimmed(_ value: String) -> String {
        guard value.utf8.first == 0x20 || value.utf8.last == 0x20 else { return value }
        let start = value.drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}

/// Why a name or value cannot be metadata.
public struct MetadataError: Error, Equatable, Sendable {
    public enum Kind: Sendable {
        case invalidName, reservedName, invalidValue
    }

    public let kind: Kind
    public let name: String

    init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }
}

extension Metadata: ExpressibleByDictionaryLiteral {
    /// For names and values that stand in the source; a bad one stops the process.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements {
            do {
                try add(name, value)
            } catch {
                preconditionFailure("'\(name)' cannot be metadata with this value: \(error.kind)")
            }
        }
    }
}

extension Metadata: Sequence {
    public func makeIterator() -> AnyIterator<(name: String, value: String)> {
        var base = fields.makeIterator()
        return AnyIterator { base.next().map { ($0.name, $0.value) } }
    }
}

extension Metadata: CustomStringConvertible {
    public var description: String { map { "\($0.name): \($0.value)" }.joined(separator: ", ") }
}

extension Fields.Name {
    /// The name belongs to HTTP, gRPC or the mesh, and applications neither set nor see it as metadata.
    var isReserved: Bool {
        switch self {
        case .other, .requestID, .traceParent, .weftCaller, .weftRetries, .weftCriticality, .weftWhy, .authorization:
            false
        default: true
        }
    }
}
