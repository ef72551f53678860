public import Bytes

/// A small response that is known whole: what an admin page or a health check answers.
public struct HTTP1Response: Sendable {
    public var status: Int
    public var fields: Fields
    public var body: Chunk

    public init(_ status: Int, fields: Fields = Fields(), body: Chunk = .empty) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// Plain text, or text of another type.
    public init(_ status: Int, text: String, type: String = "text/plain; charset=utf-8") {
        self.init(status, fields: ["content-type": type], body: Chunk(text))
    }
}

extension HTTP1Session {
    /// Sends a whole response.
    public func send(_ response: HTTP1Response) {
        var head: Fields = [":status": String(response.status)]
        head.append(contentsOf: response.fields)
        send(head: head, end: response.body.isEmpty)
        if !response.body.isEmpty { send(response.body, end: true) }
    }
}
