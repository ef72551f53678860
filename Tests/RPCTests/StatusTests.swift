import Bytes
import Exchange
import Testing

@testable import RPC

@Suite("Statuses: what stands for what")
struct StatusTests {
    @Test(
        "an HTTP status without a gRPC one",
        arguments: [
            (400, StatusCode.internal), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented),
            (429, .unavailable), (431, .internal), (502, .unavailable), (503, .unavailable), (504, .unavailable),
            (200, .unknown), (302, .unknown), (405, .unknown), (415, .unknown), (418, .unknown), (500, .unknown),
            (0, .unknown),
        ])
    func http(status: Int, code: StatusCode) {
        #expect(StatusCode(httpStatus: status) == code)
    }

    @Test("a stream that the peer reset, by the code of HTTP/2")
    func resets() {
        let codes: [StatusCode] = [
            .internal, .internal, .internal, .internal, .internal, .internal, .internal, .unavailable, .cancelled,
            .internal, .internal, .resourceExhausted, .permissionDenied, .internal, .unknown,
        ]
        for (raw, code) in codes.enumerated() {
            #expect(StatusCode(reset: ResetCode(rawValue: UInt32(raw))) == code, "reset \(raw)")
        }
    }

    @Test("a failure of the mesh never becomes one of the application's own codes")
    func failures() {
        let own: Set<StatusCode> = [
            .invalidArgument, .notFound, .alreadyExists, .failedPrecondition, .aborted, .outOfRange, .dataLoss, .ok,
        ]
        for cause in Failure.Cause.allCases {
            for reset in [nil] + (0...13).map({ ResetCode(rawValue: $0) }) {
                #expect(!own.contains(StatusCode(Failure(.wait, cause, code: reset))), "\(cause)")
            }
        }
    }

    @Test("only a failure whose request may have run says that it reached the peer")
    func reach() {
        #expect(RPCError(Failure(.wait, .peerReset, reach: .unknown)).reachedPeer)
        #expect(!RPCError(Failure(.wait, .refused, reach: .notProcessed)).reachedPeer)
        #expect(!RPCError(Failure(.connect, .connectRefused, reach: .neverSent)).reachedPeer)
    }

    @Test(
        "grpc-status is read strictly, and what is no status is UNKNOWN",
        arguments: [
            ("0", StatusCode.ok), ("5", .notFound), ("16", .unauthenticated), ("05", .notFound), ("17", .unknown),
            ("", .unknown), ("x", .unknown), ("-1", .unknown), ("1 ", .unknown), ("005", .unknown), ("99", .unknown),
        ])
    func statusText(text: String, code: StatusCode) {
        let status = StatusTrailers(["grpc-status": text])
        #expect(status.code == code)
        #expect(status.isPresent)
    }

    @Test("trailers keep the whole of an error")
    func trailers() throws {
        var error = RPCError(.notFound, "no \u{263a} here", details: [1, 2, 3])
        error.why = Why(Failure(.pick, .noEndpoints, subject: "course"), reporter: "r", requestID: "i")
        var fields = Fields()
        StatusTrailers.append(error, to: &fields)
        let back = try #require(StatusTrailers.error(in: fields))
        #expect(back.code == .notFound)
        #expect(back.message == "no \u{263a} here")
        #expect(back.details == [1, 2, 3])
        #expect(back.origin == .peer)
        #expect(back.why == error.why)
        #expect(back.reason == "PICK.no_endpoints[course]")
        #expect(!StatusTrailers(Fields()).isPresent)
        #expect(StatusTrailers.error(in: StatusTrailers.ok) == nil)
    }

    @Test(
        "a message of any length and alphabet leaves room for the trailers",
        arguments: [
            String(repeating: "a", count: 100_000), String(repeating: "\u{1f608}", count: 50_000),
            "e" + String(repeating: "\u{301}", count: 50_000),
        ])
    func bounded(message: String) {
        var fields = Fields()
        StatusTrailers.append(RPCError(.unknown, message), to: &fields)
        #expect(fields.listSize < 8 * 1024)
        #expect(StatusTrailers(fields).message.unicodeScalars.starts(with: message.unicodeScalars.prefix(100)))
    }

    @Test("the explanation is the message weft.why.v1.Why, with unknown fields ignored and garbage refused")
    func why() {
        var why = Why(Failure(.retry, .deadline, subject: "s", detail: "d"), reporter: "r", requestID: "i")
        why.attempts = [AttemptRecord(endpoint: "e", waited: .microseconds(3), awaited: .microseconds(4), reason: "x")]
        #expect(Why(bytes: why.encoded()) == why)
        #expect(Why(bytes: why.encoded() + [0x78, 0x01]) == why)
        #expect(Why(bytes: [0x0A, 0x05]) == nil)
        #expect(Why(bytes: []) == Why())
    }
}
