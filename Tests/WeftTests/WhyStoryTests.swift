import MeshAPI
import Testing
@testable import weft

@Suite struct WhyStoryTests {
    private func story(
        _ teller: String, _ direction: String, at ms: Int64, took: Int64, _ reason: (String, String, String),
        reporter: String
    ) -> WeftAdminV1.Story {
        var story = WeftAdminV1.Story()
        story.teller = teller
        story.direction = direction
        story.atMs = ms
        story.tookUs = took
        story.caller = "spiffe://town/ns/default/sa/web"
        story.callee = "course"
        story.method = "p.S/Get"
        story.code = 8
        story.traceId = "0af7651916cd43dd8448eb211c80319c"
        var why = WeftWhyV1.Why()
        (why.phase, why.cause, why.subject) = reason
        why.detail = "1 calls are in flight"
        why.reporter = reporter
        why.requestId = "r-1"
        story.why = why
        return story
    }

    @Test func `processes are told in order, and the one that found it says what to do`() {
        let reason = ("LIMIT", "bulkhead_full", "p.S/Get")
        var outer = story(
            "web-1/outbound", "outbound", at: 86_399_999, took: 12_345, reason, reporter: "course-1/inbound")
        var attempt = WeftWhyV1.Attempt()
        attempt.endpoint = "10.0.0.2:4143"
        attempt.reason = "LIMIT.bulkhead_full[p.S/Get]"
        attempt.awaitedUs = 11_900
        attempt.breaker = "closed"
        outer.why?.attempts = [attempt]
        var state = WeftWhyV1.State()
        state.endpoints = 2
        state.usableEndpoints = 1
        state.budgetLeft = 0
        outer.why?.state = state
        let inner = story(
            "course-1/inbound", "inbound", at: 86_399_998, took: 1_000, reason, reporter: "course-1/inbound")
        #expect(
            WhyStory(of: [inner, outer]).text == """
                request r-1, trace 0af7651916cd43dd8448eb211c80319c

                23:59:59.999  web-1/outbound  p.S/Get of course for web
                    RESOURCE_EXHAUSTED after 12.3 ms
                    LIMIT.bulkhead_full[p.S/Get] (UO), as course-1/inbound says
                    1 calls are in flight
                    attempt 1 at 10.0.0.2:4143: LIMIT.bulkhead_full[p.S/Get], awaited 11.9 ms; breaker closed
                    1 of 2 endpoints usable; retry budget 0

                23:59:59.998  course-1/inbound  p.S/Get of course for web
                    RESOURCE_EXHAUSTED after 1.0 ms
                    LIMIT.bulkhead_full[p.S/Get] (UO)
                    1 calls are in flight

                It means: as many calls as the bulkhead holds were in flight, and its queue is switched off.
                What to do: find out why calls take long (weft_call_duration_seconds), or raise max_in_flight.
                More: weft explain LIMIT.bulkhead_full

                """)
    }

    @Test func `a reason of a newer mesh is said to be unknown`() {
        let text = WhyStory(of: [
            story("a/outbound", "outbound", at: 1, took: 1, ("PICK", "moon", ""), reporter: "a/outbound")
        ]).text
        #expect(text.contains("'PICK.moon' is no reason that this weft knows"))
    }
}
