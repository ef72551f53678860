import MeshAPI
import Policy
import Resilience
import Testing

@testable import MeshPolicy

struct MeshRulesTests {
    @Test func `every fault of a policy is told with its path`() {
        var course = WeftPolicyV1.ServicePolicy()
        course.service = "course"
        var retry = WeftPolicyV1.Retry()
        retry.retries = 9
        retry.backoff = "soon"
        course.retry = retry
        var policy = WeftPolicyV1.MeshPolicy()
        policy.services = [course, course]
        let faults = MeshRules.read(policy).faults.map(\.description)
        #expect(
            faults == [
                "services[course].retry.retries: 9 is not in 0...5",
                "services[course].retry.backoff: 'soon' is not a duration such as 800ms, 2s or 1m30s",
                "services[1].service: 'course' stands here twice",
                "services[1].retry.retries: 9 is not in 0...5",
                "services[1].retry.backoff: 'soon' is not a duration such as 800ms, 2s or 1m30s",
            ])
    }

    @Test func `what is said replaces the defaults, and the rest stays`() {
        var course = WeftPolicyV1.ServicePolicy()
        course.service = "course"
        var breaker = WeftPolicyV1.Breaker()
        breaker.leastSuccessPercent = 50
        breaker.firstCooldown = "2s"
        course.breaker = breaker
        let (rules, faults) = ServiceRules.read(course)
        #expect(faults.isEmpty)
        #expect(rules.breaker.leastSuccess == 0.5)
        #expect(rules.breaker.firstCooldown == .seconds(2))
        #expect(rules.breaker.faultsInRow == 5)
    }
}
