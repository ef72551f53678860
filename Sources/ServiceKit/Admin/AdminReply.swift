/// What an admin route, or a page that a process serves about itself, answers.
public struct AdminReply: Sendable {
    public let status: Int
    public let contentType: String
    public let body: [UInt8]

    public init(status: Int = 200, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    public init(status: Int = 200, text: String) {
        self.init(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// 200 `{"status":"ok"}`, or 503 with what is missing.
    public static func health(_ readiness: ProcessReadiness) -> AdminReply {
        let missing = readiness.missing
        var text = JSONText()
        text.open()
        text.member("status", missing.isEmpty ? "ok" : "unavailable")
        if !missing.isEmpty {
            text.key("missing")
            text.openArray()
            missing.forEach { text.element($0) }
            text.closeArray()
        }
        text.close()
        return AdminReply(status: missing.isEmpty ? 200 : 503, contentType: "application/json", body: text.bytes)
    }
}
