import API
import Descriptors
import MeshAPI
import ProtoWire
import RPC
import Testing

@testable import Reflection

/// grpc/doc/server-reflection.md.
@Suite("Server reflection")
struct ReflectionTests {
    private typealias Request = GrpcReflectionV1.ServerReflectionRequest
    private typealias Answer = GrpcReflectionV1.ServerReflectionResponse

    private let v1: GrpcReflectionV1.ServerReflectionClient
    private let v1alpha: GrpcReflectionV1alpha.ServerReflectionClient

    init() {
        let loop = InMemoryLoop()
        let router = Router(timers: loop)
        for service in ReflectionServices(for: [LearnCourseV1.courseServiceDescriptor]).services { router.add(service) }
        let channel = InMemoryTransport(serving: router, on: loop).channel()
        v1 = GrpcReflectionV1.ServerReflectionClient(channel)
        v1alpha = GrpcReflectionV1alpha.ServerReflectionClient(channel)
    }

    private func ask(_ questions: Request.MessageRequest?...) async throws -> [Answer] {
        try await v1.serverReflectionInfo { requests, replies in
            var answers: [Answer] = []
            for question in questions {
                var request = Request()
                request.host = "h"
                request.messageRequest = question
                try await requests.write(request)
                guard let answer = try await replies.next() else { break }
                #expect(answer.originalRequest == request && answer.validHost == "h")
                answers.append(answer)
            }
            return answers
        }
    }

    /// The names of the files in an answer; nil if it holds none.
    private func files(_ answer: Answer) throws -> [String]? {
        guard case .fileDescriptorResponse(let response)? = answer.messageResponse else { return nil }
        return try response.fileDescriptorProto.map { try FileDescriptorProto(decoding: $0).name ?? "" }
    }

    private static let course = "learn/course/v1/course.proto"

    @Test("the services are listed, reflection's own too")
    func list() async throws {
        let answer = try await ask(.listServices("*"))[0]
        guard case .listServicesResponse(let list)? = answer.messageResponse else {
            Issue.record("no list: \(answer)")
            return
        }
        #expect(
            list.service.map(\.name) == [
                "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
                "learn.course.v1.CourseService",
            ])
    }

    @Test("a file comes with all that it imports, the asked one first")
    func transitive() async throws {
        let names = try files(try await ask(.fileByFilename(Self.course))[0])
        #expect(names?.first == Self.course)
        #expect(
            names?.sorted() == [
                "google/api/annotations.proto", "google/api/http.proto", "google/protobuf/descriptor.proto",
                "google/protobuf/empty.proto", "google/protobuf/timestamp.proto", Self.course,
                "weft/options/v1/options.proto",
            ])
    }

    @Test("a stream is sent each file once, but what is asked for comes")
    func once() async throws {
        let answers = try await ask(
            .fileByFilename(Self.course), .fileByFilename(Self.course),
            .fileContainingSymbol("google.protobuf.Timestamp"), .fileByFilename("google/api/annotations.proto"))
        #expect(try files(answers[0])?.count ?? 0 > 5)
        #expect(try files(answers[1]) == [Self.course])
        #expect(try files(answers[2]) == ["google/protobuf/timestamp.proto"])
        #expect(try files(answers[3]) == ["google/api/annotations.proto"])
        let fresh = try await ask(.fileByFilename("google/api/annotations.proto"))
        #expect(try files(fresh[0])?.count ?? 0 > 1, "another stream has been sent nothing yet")
    }

    @Test(
        "every kind of symbol leads to its file",
        arguments: [
            "learn.course.v1.CourseService", "learn.course.v1.CourseService.GetCourse", "learn.course.v1.Course",
            "learn.course.v1.Course.LabelsEntry", "learn.course.v1.Course.title", "learn.course.v1.Lesson.content",
            "learn.course.v1.Level", "learn.course.v1.LEVEL_BEGINNER", "learn.course.v1.CourseEvent.Kind",
            "learn.course.v1.CourseEvent.KIND_CREATED",
        ])
    func symbols(symbol: String) async throws {
        #expect(try files(try await ask(.fileContainingSymbol(symbol))[0])?.first == Self.course)
    }

    @Test("its own files and those of its imports are served")
    func own() async throws {
        let answers = try await ask(
            .fileContainingSymbol("grpc.reflection.v1.ServerReflection"),
            .fileContainingSymbol("grpc.reflection.v1alpha.ErrorResponse"), .fileContainingSymbol("google.api.http"))
        #expect(try files(answers[0]) == ["grpc/reflection/v1/reflection.proto"])
        #expect(try files(answers[1]) == ["grpc/reflection/v1alpha/reflection.proto"])
        #expect(try files(answers[2])?.first == "google/api/annotations.proto")
    }

    @Test("extensions are found by type and number, and listed by type")
    func extensions() async throws {
        var http = GrpcReflectionV1.ExtensionRequest()
        http.containingType = "google.protobuf.MethodOptions"
        http.extensionNumber = 72_295_728
        let answers = try await ask(
            .fileContainingExtension(http), .allExtensionNumbersOfType("google.protobuf.MethodOptions"),
            .allExtensionNumbersOfType("learn.course.v1.Course"))
        #expect(try files(answers[0])?.first == "google/api/annotations.proto")
        guard case .allExtensionNumbersResponse(let numbers)? = answers[1].messageResponse,
            case .allExtensionNumbersResponse(let none)? = answers[2].messageResponse
        else {
            Issue.record("no numbers: \(answers)")
            return
        }
        #expect(numbers.baseTypeName == "google.protobuf.MethodOptions")
        #expect(
            numbers.extensionNumber.contains(72_295_728) && numbers.extensionNumber == numbers.extensionNumber.sorted())
        #expect(none.extensionNumber.isEmpty)
    }

    @Test("what is not there is an error within the stream, which goes on")
    func errors() async throws {
        var number = GrpcReflectionV1.ExtensionRequest()
        number.containingType = "learn.course.v1.Course"
        number.extensionNumber = 1
        let answers = try await ask(
            .fileByFilename("none.proto"), .fileContainingSymbol(".learn.course.v1.Course"), .fileContainingSymbol(""),
            .fileContainingExtension(number), .allExtensionNumbersOfType("learn.course.v1.Level"),
            .allExtensionNumbersOfType("learn.course.v1.CourseService"), nil, .listServices(""))
        let codes = answers.map { answer -> Int32? in
            if case .errorResponse(let error)? = answer.messageResponse { error.errorCode } else { nil }
        }
        #expect(codes == [5, 5, 5, 5, 5, 5, 3, nil])
    }

    @Test("the older version says the same")
    func alpha() async throws {
        let names = try await v1alpha.serverReflectionInfo { requests, replies in
            var request = GrpcReflectionV1alpha.ServerReflectionRequest()
            request.messageRequest = .fileContainingSymbol("learn.course.v1.Course")
            try await requests.write(request)
            guard case .fileDescriptorResponse(let response)? = try await replies.next()?.messageResponse else {
                return [String]()
            }
            return try response.fileDescriptorProto.map { try FileDescriptorProto(decoding: $0).name ?? "" }
        }
        #expect(names.first == Self.course)
    }
}
