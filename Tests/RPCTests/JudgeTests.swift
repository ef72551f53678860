import Bytes
import Exchange
import RPC
import Testing
import Timebase

@Suite struct DialectTests {
    let dialect = GRPCDialect(reporter: "me")

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let head: Fields
        let trailers: Fields?
        let kind: Exchange.Outcome.Kind
        let status: Int
        var testDescription: String { rule }

        init(
            _ rule: String, _ head: Fields = [":status": "200"], trailers: Fields? = nil, _ kind: Exchange.Outcome.Kind,
            _ status: Int
        ) {
            self.rule = rule
            self.head = head
            self.trailers = trailers
            self.kind = kind
            self.status = status
        }
    }

    @Test(arguments: [
        Case("OK in trailers", trailers: ["grpc-status": "0"], .success, 0),
        Case("OK in a head alone", [":status": "200", "grpc-status": "0"], .success, 0),
        Case(
            "trailers count, not the head", [":status": "200", "grpc-status": "0"], trailers: ["grpc-status": "14"],
            .fault, 14),
        Case("UNAVAILABLE is a fault", trailers: ["grpc-status": "14"], .fault, 14),
        Case("INTERNAL is a fault", trailers: ["grpc-status": "13"], .fault, 13),
        Case("DATA_LOSS is a fault", trailers: ["grpc-status": "15"], .fault, 15),
        Case("DEADLINE_EXCEEDED is a fault", trailers: ["grpc-status": "4"], .fault, 4),
        Case("UNKNOWN that an application says is none", trailers: ["grpc-status": "2"], .answered, 2),
        Case("INVALID_ARGUMENT is the caller's", trailers: ["grpc-status": "3"], .answered, 3),
        Case("PERMISSION_DENIED is the caller's", trailers: ["grpc-status": "7"], .answered, 7),
        Case("NOT_FOUND is an answer", trailers: ["grpc-status": "5"], .answered, 5),
        Case("no status at all is a fault", trailers: [:], .fault, 2),
        Case("a status that is none counts as UNKNOWN", trailers: ["grpc-status": "zero"], .answered, 2),
        Case("one that is too large as well", trailers: ["grpc-status": "170"], .answered, 2),
        Case("a proxy's 503 is a fault", [":status": "503"], .fault, 14),
        Case("a 404 is none", [":status": "404"], .answered, 12),
    ])
    func `what is an endpoint's fault`(row: Case) {
        let outcome = dialect.judge(head: row.head, trailers: row.trailers)
        #expect(outcome.kind == row.kind && outcome.status == row.status)
    }

    @Test func `pushback is read strictly`() {
        func pushback(_ text: String) -> Exchange.Outcome.Pushback? {
            dialect.judge(head: [:], trailers: ["grpc-status": "14", "grpc-retry-pushback-ms": text]).pushback
        }
        #expect(pushback("250") == .after(.milliseconds(250)))
        #expect(pushback("0") == .after(.zero))
        #expect(pushback("-1") == .never)
        #expect(pushback("soon") == .never)
        #expect(pushback("300001") == .never)
        #expect(dialect.judge(head: [:], trailers: ["grpc-status": "14"]).pushback == nil)
    }

    @Test func `a member's advice is read: nothing was done, or everything was tried`() {
        let safe = dialect.judge(head: [:], trailers: ["grpc-status": "14", "weft-retries": "safe"])
        #expect(safe.failure?.reach == .notProcessed)
        let spent = dialect.judge(head: [:], trailers: ["grpc-status": "14", "weft-retries": "spent"])
        #expect(spent.pushback == .never && spent.failure == nil)
    }

    @Test(arguments: [
        (Failure(.connect, .connectRefused, reach: .neverSent), Exchange.Outcome.Kind.fault, 14),
        (Failure(.tls, .tlsUntrusted, reach: .neverSent), .fault, 14),
        (Failure(.wait, .deadline), .fault, 4), (Failure(.receive, .peerClosed), .fault, 14),
        (Failure(.wait, .peerReset, reach: .notProcessed, code: .refusedStream), .fault, 14),
        (Failure(.wait, .peerReset, code: .cancel), .answered, 1),
        (Failure(.wait, .peerReset, code: .enhanceYourCalm), .answered, 8),
        (Failure(.queue, .queueFull, reach: .neverSent), .answered, 8), (Failure(.limit, .bulkheadFull), .refused, 8),
        (Failure(.authorize, .policyDenied), .refused, 7), (Failure(.route, .unknownMethod), .refused, 12),
    ])
    func `failures of ours and of the transport`(failure: Failure, kind: Exchange.Outcome.Kind, status: Int) {
        let outcome = dialect.judge(failure)
        #expect(outcome.kind == kind && outcome.status == status)
        #expect(outcome.failure == failure)
    }

    @Test func `a failure is told as a status, in words and as a reason`() {
        let failure = Failure(.pick, .noEndpoints, subject: "course", detail: "none – at all", reach: .neverSent)
        let call = CallHead(
            method: MethodEntry(service: "course", fullName: "p.S/M"), startedAt: Instant(nanoseconds: 0),
            request: ["x-request-id": "r1"])
        let head = dialect.answer(to: failure, of: call, after: [])
        #expect(head[.status] == "200" && head[.contentType] == "application/grpc")
        #expect(head[.grpcStatus] == "14")
        #expect(head[.grpcMessage] == "PICK.no_endpoints[course]: none %E2%80%93 at all")
        #expect(head[.weftRetries] == "safe")
        let tried = [AttemptRecord(endpoint: "a:1", waited: .zero, awaited: .milliseconds(3), reason: "x")]
        let trailers = dialect.trailers(for: Failure(.receive, .peerClosed), of: call, after: tried + tried)
        #expect(trailers?[.weftRetries] == "spent")
        #expect(trailers?[.status] == nil && trailers?[.grpcStatus] == "14")
    }

    @Test func `a head is fitted to its attempt`() {
        var head: Fields = [":path": "/x", "grpc-timeout": "2S"]
        dialect.prepare(&head, remaining: .milliseconds(1500), attempt: 1)
        #expect(head[.grpcTimeout].flatMap(GRPCTimeout.parse) == .milliseconds(1500))
        #expect(head[.grpcPreviousAttempts] == nil)
        dialect.prepare(&head, remaining: nil, attempt: 3)
        #expect(head[.grpcPreviousAttempts] == "2")
        #expect(head.count { $0.name == "grpc-timeout" } == 1)
    }
}
