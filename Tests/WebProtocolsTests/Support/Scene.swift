import API
import Bytes
import Exchange
import InteropAPI
import ProtoWire
import RPC
import WellKnown

@testable import WebProtocols

/// A port with two services and everything that it speaks, in memory, on a loop that the test drives.
final class Scene {
    let loop = ManualLoop()
    let notes = Notes()
    let web: WebAcceptor

    init(_ change: (inout WebSettings) -> Void = { _ in }) {
        let router = Router(timers: loop, observer: Observer(notes: notes))
        router.add(Courses(notes: notes))
        router.add(Interop())
        var settings = WebSettings()
        change(&settings)
        web = WebAcceptor(router, timers: loop, settings: settings)
    }

    /// Begins a request; nothing runs before the loop does.
    func begin(
        _ method: String, _ path: String, _ fields: [(String, String)] = [], end: Bool = false
    ) -> ScriptedStream {
        var head: Fields = [":method": method, ":scheme": "http", ":authority": "test", ":path": path]
        for (name, value) in fields { head.append(name, value) }
        let stream = ScriptedStream(loop: loop)
        stream.handler = web.accept(head, end: end, from: Peer(address: "page"), on: stream)
        return stream
    }

    /// A whole request and its answer, the body cut into pieces.
    func ask(
        _ method: String, _ path: String, _ fields: [(String, String)] = [], _ body: [UInt8] = [], pieces: Int = .max
    ) -> ScriptedStream {
        let stream = begin(method, path, fields, end: body.isEmpty)
        var rest = Chunk(body)
        while !rest.isEmpty {
            let piece = rest.takePrefix(min(pieces, rest.count))
            stream.handler?.heard(piece, end: rest.isEmpty)
            loop.run()
        }
        loop.run()
        if stream.hasEnded { stream.end(.complete) }
        return stream
    }

    /// Every call that began has ended, and nothing waits for time to pass.
    var isQuiet: Bool {
        notes.lines.count { $0 == "began" } == notes.lines.count { $0.hasPrefix("ended") } && loop.pendingTimers == 0
    }
}

enum Paths {
    static let get = "/learn.course.v1.CourseService/GetCourse"
    static let create = "/learn.course.v1.CourseService/CreateCourse"
    static let delete = "/learn.course.v1.CourseService/DeleteCourse"
    static let watch = "/learn.course.v1.CourseService/WatchCourses"
    static let sum = "/grpc.testing.TestService/StreamingInputCall"
    static let duplex = "/grpc.testing.TestService/FullDuplexCall"
    static let large = "/grpc.testing.TestService/UnaryCall"
}

/// What handlers and tests tell each other.
final class Notes: @unchecked Sendable {  // a test runs on one thread
    var lines: [String] = []
    private var waiting: CheckedContinuation<Void, Never>?

    func waitForCancellation() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting = $0 }
        } onCancel: {
            lines.append("cancelled")
            waiting?.resume()
        }
    }
}

struct Observer: CallObserver {
    let notes: Notes

    func began(_ call: Call) { notes.lines.append("began") }
    func ended(_ call: Call, error: RPCError?) { notes.lines.append("ended \(error?.code.name ?? "OK")") }
}

/// Courses that exist if they are asked for.
struct Courses: LearnCourseV1.CourseService {
    let notes: Notes

    func getCourse(
        _ request: LearnCourseV1.GetCourseRequest, in call: Call
    ) async throws -> LearnCourseV1.Course {
        notes.lines.append("get \(request.id) \(call.deadline == nil ? "without" : "with") deadline")
        if let value = call.metadata["x-echo"] {
            try call.responseMetadata.add("x-leading", value)
            try call.responseTrailers.add("x-trailing", value)
            try call.responseTrailers.add("x-trailing-bin", bytes: [0xFF, 0])
        }
        guard !request.id.isEmpty else {
            // google.rpc.Status { code: 3, message: ..., details: [Any { google.rpc.ErrorInfo, "ab" }] }
            let message = "the id is \"empty\"\n"
            let type = "type.googleapis.com/google.rpc.ErrorInfo"
            let any = [0x0A, UInt8(type.utf8.count)] + Array(type.utf8) + [0x12, 2] + Array("ab".utf8)
            let said = [0x12, UInt8(message.utf8.count)] + Array(message.utf8)
            throw RPCError(.invalidArgument, message, details: [0x08, 3] + said + [0x1A, UInt8(any.count)] + any)
        }
        guard request.id != "wait" else {
            await notes.waitForCancellation()
            throw CancellationError()
        }
        return course(request.id)
    }

    private func course(_ id: String) -> LearnCourseV1.Course {
        var course = LearnCourseV1.Course()
        course.id = id
        course.title = "Ünder \"quotes\""
        course.level = .beginner
        return course
    }

    func createCourse(
        _ request: LearnCourseV1.CreateCourseRequest, in call: Call
    ) async throws -> LearnCourseV1.Course {
        var course = LearnCourseV1.Course()
        course.title = request.title
        course.summary = request.summary
        course.labels = request.labels
        return course
    }

    func listCourses(
        _ request: LearnCourseV1.ListCoursesRequest, in call: Call
    ) async throws -> LearnCourseV1.ListCoursesResponse { .init() }

    func updateCourse(
        _ request: LearnCourseV1.UpdateCourseRequest, in call: Call
    ) async throws -> LearnCourseV1.Course { throw RPCError(.aborted, "stale") }

    func deleteCourse(
        _ request: LearnCourseV1.DeleteCourseRequest, in call: Call
    ) async throws -> GoogleProtobuf.Empty { .init() }

    func watchCourses(
        _ request: LearnCourseV1.WatchCoursesRequest, to replies: MessageWriter<LearnCourseV1.CourseEvent>,
        in call: Call
    ) async throws {
        try call.responseTrailers.add("x-count", "2")
        for id in ["a", "b"] {
            var event = LearnCourseV1.CourseEvent()
            event.kind = .created
            event.course = course(id)
            try await replies.write(event)
        }
        if call.metadata["x-fail"] != nil { throw RPCError(.unavailable, "no more") }
    }
}
