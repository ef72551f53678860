import Bytes
import Exchange
import MeshAPI
import MeshPolicy
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
        var contracts = Contracts()
        let rules = ["p.S/B": MethodRules(timeout: .seconds(9))]
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
        let first = contracts.table(of: service(100), rules)
        let same = contracts.table(of: service(100), rules)
        let changed = contracts.table(of: service(200), rules)
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
