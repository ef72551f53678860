import Bytes
import Exchange
import MeshAPI
import RPC
@testable import Sidecar
import Testing
import Timebase

@Suite struct RoutingTests {
    private func look<Value>(_ table: ByteTable<Value>, _ key: String) -> Value? { table[key] }

    @Test func `a table of bytes finds each key and no other`() {
        var table = ByteTable<Int>()
        let keys = (0..<3000).map { String(repeating: "x", count: $0 % 40) + "\($0)" }
        for (value, key) in keys.enumerated() { table.insert(value, for: key) }
        #expect(table.count == 3000)
        for (value, key) in keys.enumerated() {
            #expect(look(table, key) == value)
            #expect(look(table, key + "y") == nil)
        }
        table.insert(-1, for: keys[7])
        #expect(look(table, keys[7]) == -1 && table.count == 3000)
        #expect(look(table, "") == nil)
    }

    private func entry(_ table: MethodTable, _ path: String) -> MethodEntry? {
        var path = path
        return path.withUTF8 { table.entry(at: $0) }
    }

    @Test func `a contract closes the table, but for what every service offers`() {
        let method = MethodEntry(service: "s", fullName: "p.S/Get")
        let table = MethodTable(of: "s", methods: [method])
        #expect(entry(table, "/p.S/Get") === method)
        #expect(entry(table, "/p.S/get") == nil)
        #expect(entry(table, "p.S/Get") == nil)
        #expect(entry(table, "/grpc.health.v1.Health/Check")?.policy.isIdempotent == true)
    }

    @Test func `without a contract methods are entered as they come, so many`() {
        let table = MethodTable(of: "s", overrides: ["p.S/M1": .init(isIdempotent: true)])
        let first = entry(table, "/p.S/M1")
        #expect(first?.fullName == "p.S/M1" && first?.policy.isIdempotent == true)
        #expect(entry(table, "/p.S/M1") === first)
        for index in 2...512 { #expect(entry(table, "/p.S/M\(index)")?.fullName == "p.S/M\(index)") }
        #expect(entry(table, "/p.S/M513")?.fullName == "other")
        #expect(entry(table, "/p.S/M1") === first)
        #expect(entry(table, "no/slash") == nil)
        #expect(entry(MethodTable(of: "s"), "/" + String(repeating: "x", count: 256)) == nil)
    }

    @Test func `an entry stays the same while its contract does`() throws {
        var contracts = Contracts(overrides: ["p.S/B": .init(timeout: .seconds(9))])
        func service(_ timeout: Int64) -> WeftControlV1.Service {
            var service = WeftControlV1.Service()
            service.name = "s"
            service.methods = ["p.S/A", "p.S/B"].map { name in
                var method = WeftControlV1.Method()
                method.fullName = name
                method.timeoutMs = timeout
                method.idempotent = true
                method.maxInFlight = 5
                method.roles = ["r"]
                return method
            }
            return service
        }
        let first = contracts.table(of: service(100))
        let same = contracts.table(of: service(100))
        let changed = contracts.table(of: service(200))
        let a = try #require(entry(first, "/p.S/A"))
        #expect(
            a.policy
                == MethodPolicy(timeout: .milliseconds(100), isIdempotent: true, maxInFlight: 5, roles: ["r"]))
        #expect(entry(same, "/p.S/A") === a)
        #expect(entry(changed, "/p.S/A") !== a)
        #expect(entry(changed, "/p.S/B") === entry(first, "/p.S/B"))
        #expect(entry(first, "/p.S/B")?.policy.timeout == .seconds(9))
    }

    @Test func `ids are made of 128 bits of chance`() {
        var heads = RequestHead(chance: Chance(seed: 1))
        var ids: Set<String> = []
        for _ in 0..<1000 {
            var head: Fields = [":path": "/x"]
            heads.identify(&head)
            ids.insert(head[.requestID] ?? "")
        }
        #expect(ids.count == 1000)
        #expect(ids.allSatisfy { $0.count == 32 && $0.allSatisfy(\.isHexDigit) })
        var empty: Fields = ["x-request-id": ""]
        heads.identify(&empty)
        #expect(empty.count == 1 && empty[.requestID]?.count == 32)
    }
}

@Suite struct DialectTests {
    let dialect = GRPCDialect(reporter: "me")

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let head: Fields
        let trailers: Fields?
        let kind: Outcome.Kind
        let status: Int
        var testDescription: String { rule }

        init(
            _ rule: String, _ head: Fields = [":status": "200"], trailers: Fields? = nil, _ kind: Outcome.Kind,
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
        func pushback(_ text: String) -> Outcome.Pushback? {
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
        (Failure(.connect, .connectRefused, reach: .neverSent), Outcome.Kind.fault, 14),
        (Failure(.tls, .tlsUntrusted, reach: .neverSent), .fault, 14),
        (Failure(.wait, .deadline), .fault, 4), (Failure(.receive, .peerClosed), .fault, 14),
        (Failure(.wait, .peerReset, reach: .notProcessed, code: .refusedStream), .fault, 14),
        (Failure(.wait, .peerReset, code: .cancel), .answered, 1),
        (Failure(.wait, .peerReset, code: .enhanceYourCalm), .answered, 8),
        (Failure(.queue, .queueFull, reach: .neverSent), .answered, 8), (Failure(.limit, .bulkheadFull), .refused, 8),
        (Failure(.authorize, .policyDenied), .refused, 7), (Failure(.route, .unknownMethod), .refused, 12),
    ])
    func `failures of ours and of the transport`(failure: Failure, kind: Outcome.Kind, status: Int) {
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
