import Bytes
import RPC

/// Which fields of foreign heads are metadata, and which are the protocols' own.
enum ForeignFields {
    /// Fields of HTTP that say how this one exchange is made and mean nothing to a call.
    static func isMetadata(_ field: Field) -> Bool {
        switch field.known {
        case .contentType, .contentLength, .te, .host, .connection, .transferEncoding: return false
        case .other: break
        case let known: return !known.isPseudo && !field.name.hasPrefix("grpc-")
        }
        let name = field.name
        if name.hasPrefix("grpc-") || name.hasPrefix("connect-") { return false }
        switch name {
        case "content-encoding", "accept-encoding", "keep-alive", "proxy-connection", "upgrade": return false
        default: return true
        }
    }

    /// Appends the metadata of `fields`, each name behind `prefix`.
    static func append(_ fields: Fields, to head: inout Fields, prefix: String = "") {
        for field in fields where isMetadata(field) {
            head.append(prefix + field.name, field.value, isSensitive: field.isSensitive)
        }
    }
}
