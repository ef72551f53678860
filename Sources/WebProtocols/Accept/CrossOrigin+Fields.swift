import Bytes

extension CrossOrigin {
    /// A question with longer lists than these is no browser's.
    private static let maxAskedBytes = 4096
    private static let maxAskedNames = 64
    /// What pages may always read: without these names they would not see how their call ended.
    private static let exposed = "grpc-status, grpc-message, grpc-status-details-bin, grpc-encoding"

    /// The origin of a request as the answer must name it; nil if the request is none of a page that may call.
    func allowed(_ origin: String?) -> String? {
        guard let origin else { return nil }
        switch origins {
        case .none: return nil
        case .any: return "*"
        case .listed(let listed): return listed.contains(origin) ? origin : nil
        }
    }

    /// Adds to the head of an answer what lets the page read it: all of it, since metadata has no fixed names.
    func expose(_ head: inout Fields, to origin: String?) {
        guard origins != .none else { return }
        if origins != .any { head.append("vary", "Origin") }
        guard let origin = allowed(origin) else { return }
        var names = CrossOrigin.exposed
        for field in head where !field.known.isPseudo && !field.name.hasPrefix("grpc-") { names += ", " + field.name }
        head.append("access-control-allow-origin", origin)
        head.append("access-control-expose-headers", names)
        appendCredentials(&head)
    }

    private func appendCredentials(_ head: inout Fields) {
        if allowsCredentials, origins != .any { head.append("access-control-allow-credentials", "true") }
    }

    /// The answer to a browser's question whether a page may call (the "preflight"): whatever fields it asks for may be
    /// sent, since metadata has no fixed names. Nil if this is no such question.
    func answer(toPreflight head: Fields) -> Fields? {
        guard head[.method] == "OPTIONS", let origin = head["origin"], head["access-control-request-method"] != nil
        else {
            return nil
        }
        let vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
        guard let allowedOrigin = allowed(origin) else { return [":status": "403", "vary": vary] }
        var answer: Fields = [
            ":status": "204", "access-control-allow-origin": allowedOrigin, "access-control-allow-methods": "GET, POST",
        ]
        let asked = head["access-control-request-headers"] ?? ""
        guard asked.utf8.count <= CrossOrigin.maxAskedBytes, CrossOrigin.isList(asked) else {
            return [":status": "400", "vary": vary]
        }
        if !asked.isEmpty { answer.append("access-control-allow-headers", asked) }
        answer.append("access-control-max-age", String(maxAge.components.seconds))
        appendCredentials(&answer)
        answer.append("vary", vary)
        return answer
    }

    /// A list of field names, and nothing that could end a line or begin another field.
    private static func isList(_ text: String) -> Bool {
        guard !text.isEmpty else { return true }
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        return names.count <= maxAskedNames
            && names.allSatisfy { name in
                name.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                        UInt8(ascii: " "):
                        true
                    default: false
                    }
                }
            }
    }
}
