import Bytes
import Glibc

/// The protocols beside gRPC that a service's port answers, for callers who cannot speak gRPC: browsers, curl, gateways.
public enum WebProtocol: String, Sendable, CaseIterable {
    /// gRPC's framing with the trailers in the body, where browsers can see them (gRPC PROTOCOL-WEB).
    case grpcWeb
    /// The same in base64, for clients that read text alone.
    case grpcWebText
    /// One message as the body of an HTTP request, one as that of its response (connectrpc.com, "Unary").
    case connectUnary
    /// Messages in envelopes, the status in the last one (connectrpc.com, "Streaming").
    case connectStreaming
}

/// What a request's `content-type` says that its body is.
struct WebContent: Equatable {
    enum Codec: String, Equatable {
        case proto, json
    }

    let form: WebProtocol
    let codec: Codec

    /// Nil for gRPC itself and for everything that is none of the forms here. Parameters are allowed, but text that is
    /// not UTF-8 is not (RFC 8259 §8.1).
    init?(_ value: some StringProtocol) {
        let parts = value.lowercased().split(separator: ";", omittingEmptySubsequences: false)
        guard let type = parts.first.map({ WebContent.trimmed($0) }) else { return nil }
        switch type {
        case "application/grpc-web", "application/grpc-web+proto": (form, codec) = (.grpcWeb, .proto)
        case "application/grpc-web-text", "application/grpc-web-text+proto": (form, codec) = (.grpcWebText, .proto)
        case "application/proto": (form, codec) = (.connectUnary, .proto)
        case "application/json": (form, codec) = (.connectUnary, .json)
        case "application/connect+proto": (form, codec) = (.connectStreaming, .proto)
        case "application/connect+json": (form, codec) = (.connectStreaming, .json)
        default: return nil
        }
        for parameter in parts.dropFirst() {
            let text = WebContent.trimmed(parameter)
            guard text.hasPrefix("charset=") else { continue }
            guard ["utf-8", "utf8", "\"utf-8\""].contains(text.dropFirst("charset=".count)) else { return nil }
        }
    }

    init(_ form: WebProtocol, _ codec: Codec) {
        self.form = form
        self.codec = codec
    }

    /// The `content-type` of answers in this form.
    var text: String {
        switch form {
        case .grpcWeb: "application/grpc-web+proto"
        case .grpcWebText: "application/grpc-web-text+proto"
        case .connectUnary: "application/\(codec.rawValue)"
        case .connectStreaming: "application/connect+\(codec.rawValue)"
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    /// The request is gRPC itself: `application/grpc`, alone, with a codec or with parameters. All that a call of gRPC pays
    /// for the other protocols is this look.
    static func isGRPC(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        let name: StaticString = "application/grpc"
        guard value.count >= name.utf8CodeUnitCount, let bytes = value.baseAddress,
            memcmp(bytes, name.utf8Start, name.utf8CodeUnitCount) == 0
        else { return false }
        guard value.count > name.utf8CodeUnitCount else { return true }
        let next = value[name.utf8CodeUnitCount]
        return next == UInt8(ascii: "+") || next == UInt8(ascii: ";")
    }
}
