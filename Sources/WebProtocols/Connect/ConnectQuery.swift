import HTTP1
import ProtoWire

/// The request that stands in the query of a GET: `?connect=v1&encoding=json&message=%7B%7D` (connectrpc.com, "Unary-Get-
/// Request").
struct ConnectQuery {
    let codec: WebContent.Codec
    let message: [UInt8]
    /// The content coding of `message`; empty for none.
    let compression: String

    /// Why a query is no request.
    struct Fault: Error, Equatable {
        let problem: String
    }

    /// The protocol has five parameters; others belong to nobody, and caches may add one.
    private static let maxParameters = 16

    init(_ query: Substring) throws(Fault) {
        let parameters = query.split(separator: "&")
        guard parameters.count <= ConnectQuery.maxParameters else {
            throw Fault(problem: "the query has more than \(ConnectQuery.maxParameters) parameters")
        }
        var values: [String: [UInt8]] = [:]
        for parameter in parameters {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentDecoding.bytes(of: parts[0], plusIsSpace: true),
                let value = PercentDecoding.bytes(of: parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { throw Fault(problem: "the query is not percent-encoded") }
            let key = String(decoding: name, as: UTF8.self)
            guard values.updateValue(value, forKey: key) == nil else {
                throw Fault(problem: "the query parameter '\(key)' stands twice")
            }
        }
        func text(_ name: String) -> String? { values[name].map { String(decoding: $0, as: UTF8.self) } }
        if let version = text("connect"), version != "v1" {
            throw Fault(problem: "connect=\(version) is no version of the protocol; it is v1")
        }
        guard let encoding = text("encoding"), let codec = WebContent.Codec(rawValue: encoding) else {
            throw Fault(problem: "the query needs encoding=json or encoding=proto")
        }
        guard let message = values["message"] else { throw Fault(problem: "the query needs a message") }
        self.codec = codec
        compression = text("compression") ?? ""
        guard text("base64") == "1" else {
            self.message = message
            return
        }
        guard let bytes = Base64.decode(String(decoding: message, as: UTF8.self)) else {
            throw Fault(problem: "the message is not base64")
        }
        self.message = bytes
    }
}
