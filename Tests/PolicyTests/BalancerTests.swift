import Exchange
import Policy
import Resilience
import Testing
import Timebase

@Suite struct BalancerTests {
    /// What the test says of each endpoint, by its address.
    final class Fleet {
        var unreachable: Set<String> = []
        var made: [String] = []
        var panics: [Bool] = []
        var breakers: [String: BreakerLayer] = [:]
        var meters: [String: LoadLayer] = [:]
    }

    let fleet = Fleet()

    private func balancer(
        _ addresses: String..., by rule: Balancer.Rule = .leastLoaded, panics: Bool = true
    ) -> Balancer {
        let fleet = fleet
        let balancer = Balancer(
            over: "course", by: rule, panics: panics, chance: Chance(seed: 1),
            panicChanged: { fleet.panics.append($0.isPanic) }
        ) { endpoint, meter in
            let breaker = BreakerLayer(of: endpoint.address, chance: Chance(seed: 2))
            fleet.made.append(endpoint.address)
            fleet.breakers[endpoint.address] = breaker
            fleet.meters[endpoint.address] = meter
            return Stack(
                [meter, breaker], around: .refusal(Failure(.pick, .noEndpoints)), name: endpoint.address,
                isReachable: { !fleet.unreachable.contains(endpoint.address) })
        }
        balancer.replace(addresses.map { Balancer.Endpoint(address: $0) }, at: Sample.now)
        return balancer
    }

    private func pick(_ balancer: Balancer, tried: [String] = []) -> String {
        let records = tried.map { AttemptRecord(endpoint: $0, waited: .zero, awaited: .zero, reason: "") }
        switch balancer.pick(for: Sample.call(), after: records, at: Sample.now) {
        case .use(let stack, let isPanic): return isPanic ? "\(stack.name)!" : stack.name
        case .wait: return "wait"
        case .refuse(let failure): return failure.reason
        }
    }

    private func picks(_ balancer: Balancer, tried: [String] = []) -> Set<String> {
        Set((0..<200).map { _ in pick(balancer, tried: tried) })
    }

    private func trip(_ address: String) {
        guard let breaker = fleet.breakers[address] else { return }
        while case .go(let token, _) = breaker.admit(Sample.call(), waiting: nil, at: Sample.now) {
            _ = breaker.ended(Sample.call(), token: token, as: Outcome(.fault), at: Sample.now)
        }
    }

    @Test func `no endpoints are said to be none`() {
        #expect(pick(balancer()) == "PICK.no_endpoints[course]")
    }

    @Test func `all usable endpoints get calls`() {
        #expect(picks(balancer("a", "b", "c")) == ["a", "b", "c"])
    }

    @Test func `an endpoint that is ill or out of reach gets none`() {
        let balancer = balancer("a", "b", "c", "d")
        trip("b")
        fleet.unreachable = ["d"]
        #expect(picks(balancer) == ["a", "c"])
        #expect(!balancer.isPanic)
    }

    @Test func `under half usable, all get calls, and it is said`() {
        let balancer = balancer("a", "b", "c")
        trip("b")
        fleet.unreachable = ["c"]
        #expect(picks(balancer) == ["a!", "b!", "c!"])
        #expect(balancer.isPanic)
        fleet.unreachable = []
        #expect(picks(balancer) == ["a", "c"])
        #expect(fleet.panics == [true, false])
    }

    @Test func `with none usable the refusal names each with its reason`() {
        let balancer = balancer("a", "b")
        trip("a")
        fleet.unreachable = ["b"]
        guard case .refuse(let failure) = balancer.pick(for: Sample.call(), after: [], at: Sample.now) else {
            Issue.record("something was picked")
            return
        }
        #expect(failure.reason == "PICK.all_ejected[course]")
        #expect(failure.detail == "all 2 endpoints failed lately: a (5 faults in a row), b (cannot be reached)")
        #expect(failure.reach == .neverSent)
    }

    @Test func `the only endpoint says itself why it cannot be used`() {
        let balancer = balancer("a")
        trip("a")
        #expect(pick(balancer) == "a")
    }

    @Test func `another try goes elsewhere, while there is an elsewhere`() {
        let balancer = balancer("a", "b", "c")
        #expect(picks(balancer, tried: ["a"]) == ["b", "c"])
        #expect(picks(balancer, tried: ["a", "b"]) == ["c"])
        #expect(picks(balancer, tried: ["a", "b", "c"]) == ["a", "b", "c"])
    }

    @Test func `a busy endpoint is left alone`() {
        let balancer = balancer("a", "b")
        for _ in 0..<5 { _ = fleet.meters["a"]?.admit(Sample.call(), waiting: nil, at: Sample.now) }
        #expect(picks(balancer) == ["b"])
    }

    @Test func `a fast failure makes no endpoint attractive`() throws {
        let balancer = balancer("a", "b")
        let meter = try #require(fleet.meters["a"])
        for kind in [Outcome.Kind.fault, .fault, .answered, .refused, .cancelled] {
            _ = meter.admit(Sample.call(), waiting: nil, at: Sample.now)
            var outcome = Outcome(kind)
            outcome.admittedAt = Sample.now
            outcome.endedAt = Sample.now
            _ = meter.ended(Sample.call(), token: 0, as: outcome, at: Sample.now)
        }
        #expect(meter.load.inFlight == 0)
        #expect(picks(balancer) == ["b"])
    }

    @Test func `who stays keeps its history, who goes is given back, who comes starts slowly`() {
        let balancer = balancer("a", "b")
        trip("a")
        let gone = balancer.replace(["a", "c"].map { Balancer.Endpoint(address: $0) }, at: Sample.now)
        #expect(gone.map(\.endpoint.address) == ["b"])
        #expect(fleet.made == ["a", "b", "c"])
        #expect(balancer.endpoints.map(\.address) == ["a", "c"])
        #expect(picks(balancer) == ["c"])
        // The first endpoints begin with their whole share, later ones with a tenth.
        #expect(fleet.meters["b"]?.load.share(at: Sample.now) == 1)
        #expect(fleet.meters["c"]?.load.share(at: Sample.now) == 0.1)
    }

    @Test func `the same endpoint twice is one`() {
        let balancer = balancer("a", "a")
        #expect(fleet.made == ["a"])
        #expect(balancer.endpoints.count == 1)
    }

    @Test func `another identity at the same address is another endpoint`() {
        let balancer = balancer("a")
        let gone = balancer.replace([Balancer.Endpoint(address: "a", identity: "spiffe://d/x")], at: Sample.now)
        #expect(gone.count == 1)
        #expect(fleet.made == ["a", "a"])
    }

    @Test func `in turn, each usable endpoint takes as many, and what other attempts took is avoided`() {
        let balancer = balancer("a", "b", "c", by: .inTurn)
        let picked = (0..<9).map { _ in pick(balancer) }
        #expect(Set(picked[0..<3]) == ["a", "b", "c"])
        #expect(Array(picked[0..<6]) == Array(picked[3..<9]))
        fleet.unreachable = ["b"]
        let left = (0..<4).map { _ in pick(balancer) }
        #expect(Set(left) == ["a", "c"] && left[0] == left[2] && left[1] == left[3])
        let call = Sample.call()
        call.avoids = ["a"]
        for _ in 0..<4 {
            guard case .use(let stack, _) = balancer.pick(for: call, after: [], at: Sample.now) else { continue }
            #expect(stack.name == "c")
        }
    }

    @Test func `where states are known, few usable endpoints are no reason for panic`() {
        let balancer = balancer("a", "b", "c", "d", "e", by: .inTurn, panics: false)
        fleet.unreachable = ["a", "b", "c", "d"]
        #expect(picks(balancer) == ["e"] && fleet.panics.isEmpty)
    }
}
