internal import Descriptors
internal import Exchange

/// A method behind a route: how its request is made of path, query and body, and its reply shown.
///
/// Made when contracts come; a request reads tables alone, no generated code of any service.
struct EdgeMethod: Sendable {
    /// The mesh name of the service: `course`.
    let service: String
    /// `learn.course.v1.CourseService/GetCourse`
    let fullName: String
    let input: MessageTable
    let output: MessageTable
    let isServerStreaming: Bool
    let body: Body
    /// The reply field that is the HTTP body; the whole reply if nil.
    let replyField: FieldTable?
    let transcoder: JSONTranscoder

    /// What the HTTP body is.
    enum Body: Sendable {
        case none
        /// Every field that the path does not name.
        case whole
        case field(FieldTable)
    }

    /// The media type is wrong, or there is a body where none can be (RFC 9110 §15.5.16).
    func fault(forContentType contentType: String?, hasBody: Bool) -> EdgeFault? {
        guard hasBody else { return nil }
        if case .none = body { return nil }
        let type = (contentType ?? "application/json").prefix { $0 != ";" }.lowercased()
        // A client that says nothing of its own, as curl -d does, sends a form's type; JSON is what it has here.
        guard type == "application/json" || type == "application/x-www-form-urlencoded" || type.hasSuffix("+json")
        else {
            return EdgeFault(415, code: 3, "the body must be application/json, not \(type)")
        }
        return nil
    }
}
