import Bytes
import Exchange
import ProtoWire
@testable import RPC
import Testing
import Timebase

/// What travels in `weft-why-bin`, and what a hop makes of what another one said.
@Suite struct WhyTrailerTests {
    private func attempt(_ number: Int, reason: String = "RECV.peer_closed[e]") -> AttemptRecord {
        var attempt = AttemptRecord(
            endpoint: "10.0.0.\(number):4143", waited: .microseconds(number), awaited: .milliseconds(4), reason: reason)
        attempt.connected = .microseconds(30)
        attempt.sent = .microseconds(2)
        attempt.breaker = "closed"
        return attempt
    }

    @Test func `everything that is said arrives`() {
        var state = StackState()
        state.budgetLeft = 0
        state.bulkhead = StackState.Occupancy(inFlight: 3, waiting: 1, limit: 4)
        state.endpoints = 2
        state.usableEndpoints = 0
        state.isPanic = true
        let why = Why(
            Failure(.pick, .allEjected, subject: "course", detail: "d"), reporter: "web-1/outbound", requestID: "r",
            attempts: [attempt(1), attempt(2)], state: state, traceID: "0af7651916cd43dd8448eb211c80319c")
        #expect(Why(bytes: why.encoded()) == why)
    }

    @Test func `many attempts are cut from the middle`() throws {
        let why = Why(Failure(.wait, .deadline), attempts: (1...40).map { attempt($0) })
        let read = try #require(Why(bytes: why.encoded()))
        #expect(read.attempts.map(\.endpoint.count).count == Why.attemptLimit)
        #expect(read.attempts.first?.endpoint == "10.0.0.1:4143" && read.attempts.last?.endpoint == "10.0.0.40:4143")
    }

    @Test func `whatever is said, it is bounded`() throws {
        let long = String(repeating: "ü", count: 10_000)
        var why = Why(
            Failure(.wait, .deadline, subject: long, detail: long), reporter: long, requestID: long,
            attempts: (1...20).map { attempt($0, reason: long) })
        why.traceID = long
        let bytes = why.encoded()
        #expect(bytes.count <= Why.byteLimit)
        let read = try #require(Why(bytes: bytes))
        #expect(read.phase == "WAIT" && read.detail.hasSuffix("...") && read.detail.utf8.count <= Why.detailLimit)
    }

    @Test func `a hop knows what another one found, and how far the request got`() {
        let dialect = GRPCDialect(reporter: "out")
        var told = Failure(.limit, .bulkheadFull, subject: "p.S/Get", reach: .neverSent)
        told.detail = "full"
        let call = CallHead(method: MethodEntry(service: "s", fullName: "p.S/Get"), startedAt: Instant(nanoseconds: 0))
        let answer = GRPCDialect(reporter: "in").answer(to: told, of: call, after: [])
        let outcome = dialect.judge(head: answer, trailers: nil)
        #expect(outcome.failure?.reason == "LIMIT.bulkhead_full[p.S/Get]" && outcome.failure?.reporter == "in")
        #expect(outcome.failure?.reach == .notProcessed && outcome.failure?.detail == "full")
    }

    @Test func `a reason that nobody knows is none, and the status stands`() {
        var why = Why()
        why.phase = "FUTURE"
        why.cause = "unheard_of"
        let fields: Fields = ["grpc-status": "14", "weft-why-bin": Base64.encode(why.encoded(), padded: false)]
        let outcome = GRPCDialect(reporter: "out").judge(head: fields, trailers: nil)
        #expect(outcome.failure == nil && outcome.status == 14)
    }

    @Test func `an application's answer after several attempts is accompanied and never replaced`() {
        let call = CallHead(method: MethodEntry(service: "s", fullName: "p.S/Get"), startedAt: Instant(nanoseconds: 0))
        call.attempts = [attempt(1), attempt(2)]
        var answer: Fields = ["grpc-status": "14", "grpc-message": "not now"]
        GRPCDialect(reporter: "out").accompany(&answer, of: call)
        #expect(answer[.grpcStatus] == "14" && answer[.grpcMessage] == "not now")
        #expect(Why(in: answer)?.reason == "RETRY.app_status[s]" && Why(in: answer)?.attempts.count == 2)
    }

    @Test func `names of reasons are found however they are written`() {
        #expect(ReasonGuide.named("PICK.no_endpoints[course]")?.guide.cause == .noEndpoints)
        #expect(ReasonGuide.named("pick.NO_ENDPOINTS")?.phase == .pick)
        for name in ["PICK", "PICK.", "PICK.quota", "X.deadline", ""] { #expect(ReasonGuide.named(name) == nil) }
    }
}
