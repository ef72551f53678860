import MeshAPI
import MeshPolicy
import ProtoWire
import RPC
import Testing
import WellKnown

@testable import Control

/// Policies come as a whole or not at all, and outlive the process.
struct PolicyBookTests {
    private let files = MemoryFiles()
    private let log = LogBook()

    private func book() -> PolicyBook {
        PolicyBook(file: StateFile(path: "policies", files: files, log: log.logger))
    }

    private func policy(_ services: String..., retries: UInt32 = 1) -> WeftPolicyV1.MeshPolicy {
        var policy = WeftPolicyV1.MeshPolicy()
        policy.services = services.map { name in
            var service = WeftPolicyV1.ServicePolicy()
            service.service = name
            var retry = WeftPolicyV1.Retry()
            retry.retries = retries
            service.retry = retry
            return service
        }
        return policy
    }

    private func say(_ outcome: PolicyBook.ApplyOutcome) -> String {
        switch outcome {
        case .applied: "applied"
        case .unchanged: "unchanged"
        case .faulty(let faults): faults.map(\.description).joined(separator: "; ")
        case .conflict: "conflict"
        case .notKept: "not kept"
        }
    }

    @Test func `what is right is taken, and the same again changes nothing`() {
        var book = book()
        let none = book.hash
        let initial = say(book.apply(policy("course", "edge"), dryRun: false, expecting: ""))
        #expect(initial == "applied")
        #expect(book.hash != none)
        #expect(book.policy.services.count == 2)
        // The order of services says nothing.
        let second = say(book.apply(policy("edge", "course"), dryRun: false, expecting: ""))
        #expect(second == "unchanged")
    }

    @Test func `one fault, and nothing is taken`() {
        var book = book()
        _ = book.apply(policy("course"), dryRun: false, expecting: "")
        let before = book.hash
        var next = policy("course", "edge")
        next.services[1].retry?.retries = 9
        let outcome = book.apply(next, dryRun: false, expecting: "")
        #expect(say(outcome) == "services[edge].retry.retries: 9 is not in 0...5")
        #expect(book.hash == before)
        #expect(book.policy.services.count == 1)
    }

    @Test func `a dry run says what would be, and changes nothing`() {
        var book = book()
        let before = book.hash
        guard case .applied(let hash) = book.apply(policy("course"), dryRun: true, expecting: "") else {
            Issue.record("it is right")
            return
        }
        #expect(book.hash == before)
        #expect(files["policies"] == nil)
        _ = book.apply(policy("course"), dryRun: false, expecting: "")
        #expect(book.hash == hash)
    }

    @Test func `who looked at older policies is told so`() {
        var book = book()
        let seen = book.hash
        let initial = say(book.apply(policy("course"), dryRun: false, expecting: seen))
        #expect(initial == "applied")
        let second = say(book.apply(policy("edge"), dryRun: false, expecting: seen))
        #expect(second == "conflict")
        let third = say(book.apply(policy("edge"), dryRun: false, expecting: book.hash))
        #expect(third == "applied")
    }

    @Test func `policies are there again after a restart`() {
        var first = book()
        _ = first.apply(policy("course"), dryRun: false, expecting: "")
        let second = book()
        #expect(second.hash == first.hash)
        #expect(second.policy.services.map(\.service) == ["course"])
        #expect(log.lines.isEmpty)
    }

    @Test func `what cannot be written down is not in force either`() {
        var book = book()
        let before = book.hash
        files.fill()
        let initial = say(book.apply(policy("course"), dryRun: false, expecting: ""))
        #expect(initial == "not kept")
        #expect(book.hash == before)
        #expect(log.lines.first?.contains("the state cannot be kept") == true)
    }

    @Test(arguments: ["", "weft-state 1 0000000000000000\nx", "garbage", "weft-state 1", "\u{0}"])
    func `a damaged file is set aside, and what it replaced is used`(_ damage: String) {
        var first = book()
        _ = first.apply(policy("course"), dryRun: false, expecting: "")
        let older = first.hash
        _ = first.apply(policy("edge"), dryRun: false, expecting: "")
        files["policies"] = Array(damage.utf8)
        let second = book()
        #expect(second.hash == older)
        #expect(files["policies.corrupt"] == Array(damage.utf8))
        #expect(log.lines.contains { $0.contains("damaged and was set aside") && $0.contains("policies.corrupt") })
        #expect(log.lines.contains { $0.contains("the state before the last change is used") })
    }

    @Test func `each byte of the file counts`() throws {
        var first = book()
        _ = first.apply(policy("course"), dryRun: false, expecting: "")
        let whole = try #require(files["policies"])
        for place in whole.indices {
            var bytes = whole
            bytes[place] ^= 1
            files["policies"] = bytes
            #expect(book().policy.services.isEmpty, "byte \(place)")
            files["policies"] = Array(whole[..<place])
            #expect(book().policy.services.isEmpty, "cut at \(place)")
        }
    }

    @Test func `a refusal carries the faults as far as trailers do`() throws {
        let few = [PolicyFault(path: "a.b", problem: "no"), PolicyFault(path: "c", problem: "neither")]
        let error = ConfigurationService.refusal(few)
        #expect(error.code == .invalidArgument)
        #expect(error.message == "the policy is not right: a.b: no (and 1 more)")
        let detail = try #require(error.detail(GoogleRpc.BadRequest.self))
        #expect(detail.fieldViolations.map(\.field) == ["a.b", "c"])
        #expect(detail.fieldViolations.map(\.description) == ["no", "neither"])
        let many = (0..<10_000).map { PolicyFault(path: "services[\($0)]", problem: "is wrong in some way") }
        #expect(ConfigurationService.refusal(many).details.count < 6000)
    }

    @Test func `a name that nobody has is told with the nearest`() {
        var asked = policy("cuorse", "course", "edge")
        var method = WeftPolicyV1.MethodOverride()
        method.method = "learn.v1.Courses/Gte"
        asked.services[1].methods = [method]
        let advice = PolicyAdvice((["course", "edge"], ["course": ["learn.v1.Courses/Get", "learn.v1.Courses/List"]]))
        #expect(
            advice.warnings(of: asked) == [
                "services[cuorse]: no service of the mesh has this name; did you mean 'course'?",
                "services[course].methods[learn.v1.Courses/Gte]: its contract has no such method; "
                    + "did you mean 'learn.v1.Courses/Get'?",
            ])
    }
}
