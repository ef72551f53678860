import Exchange

// The rows, in the order in which a call meets the phases. `{}` in an advice stands for the reason's subject.
extension ReasonGuide {
    private static let callers = "the caller's sidecar"
    private static let callees = "the callee's sidecar"
    private static let either = "either sidecar"

    static let admission: [ReasonGuide] = [
        ReasonGuide(
            [.admit], .deadline, by: either, .timeout,
            meaning: "the deadline had passed before the call began",
            advice: "give the call more time, or look upstream: an earlier hop has spent it all"),
        ReasonGuide(
            [.admit], .deadlineBudget, by: either, .timeout,
            meaning: "so little of the deadline was left that the call could not be answered in it",
            advice: "give the caller's own call more time, or find which earlier step spends it"),
        ReasonGuide(
            [.authorize], .policyDenied, by: callees, .denied,
            meaning: "a policy does not let this caller call this method",
            advice:
                "if the caller should have access, give it the role or a rule; the detail names who called and what is "
                + "missing"),
        ReasonGuide(
            [.route], .noRoute, by: callers, .unknown,
            meaning: "no service of the mesh has the name that the caller wrote into :authority",
            advice: "check the name with 'weft list'; a service that has never registered has no route yet"),
        ReasonGuide(
            [.route], .unknownMethod, by: either, .unknown,
            meaning: "the contract of the service has no such method",
            advice: "compare 'weft describe' with what the caller was built from: one of them is older"),
    ]

    static let limits: [ReasonGuide] = [
        ReasonGuide(
            [.limit], .quota, by: either, .overloaded,
            meaning: "a rate limit, or the memory kept for repeating requests, is used up",
            advice: "call less often, or raise the limit that the subject names"),
        ReasonGuide(
            [.admit, .limit], .overload, by: either, .overloaded,
            meaning:
                "the process or the service behind it had more to do than it can, and this call could best be missed",
            advice:
                "add instances or memory; mark what matters least as sheddable (weft-criticality), so that it goes first"
        ),
        ReasonGuide(
            [.limit], .bulkheadFull, by: either, .overloaded,
            meaning: "as many calls as the bulkhead holds were in flight, and its queue is switched off",
            advice: "find out why calls take long (weft_call_duration_seconds), or raise max_in_flight"),
        ReasonGuide(
            [.queue], .queueFull, by: either, .overloaded,
            meaning: "the calls in flight and the queue behind them were both at their limits",
            advice: "the callee is slower than calls come: add instances, or find the slow method"),
        ReasonGuide(
            [.queue], .deadlineBudget, by: either, .overloaded,
            meaning: "the wait in the queue would have taken too much of the call's time, so it was refused at once",
            advice: "the callee is slower than calls come: add instances, or give calls more time"),
        ReasonGuide(
            [.queue], .deadline, by: either, .timeout,
            meaning: "the deadline passed while the call stood in a queue",
            advice: "the callee is slower than calls come: add instances, or find the slow method"),
        ReasonGuide(
            [.limit], .breakerOpen, by: callers, .unavailable,
            meaning: "the circuit breaker of the endpoint is open: its last calls failed",
            advice: "see 'weft breakers' for what tripped it, then mend the endpoint; calls come back by themselves"),
    ]

    static let choice: [ReasonGuide] = [
        ReasonGuide(
            [.pick], .noEndpoints, by: callers, .unavailable,
            meaning: "no instance of the service is registered",
            advice: "start the service, and look at its /ready page for what it still waits for"),
        ReasonGuide(
            [.pick], .allEjected, by: callers, .unavailable,
            meaning: "every endpoint of the service failed lately, and its breakers are open",
            advice: "the detail names each endpoint with what tripped it; see also 'weft breakers'"),
        ReasonGuide(
            [.pick], .deadline, by: "a client without a sidecar", .timeout,
            meaning: "no endpoint was ready before the deadline",
            advice: "look for CONNECT or TLS failures of the service's endpoints"),
        ReasonGuide(
            [.pick], .draining, by: "a client without a sidecar", .unavailable,
            meaning: "the client was being closed when the call began",
            advice: "nothing: the process was about to stop"),
    ]

    static let connecting: [ReasonGuide] = [
        ReasonGuide(
            [.connect], .connectRefused, by: either, .unavailable,
            meaning: "nobody listens at the endpoint's address",
            advice: "the process has stopped or not yet begun to listen: look at it at {}"),
        ReasonGuide(
            [.connect, .tls], .connectTimeout, by: either, .unavailable,
            meaning: "the endpoint did not answer the attempt to connect, or the handshake, in time",
            advice: "a firewall or network policy that drops packets to {}, or a process that is stopped or overwhelmed"
        ),
        ReasonGuide(
            [.connect], .connectFailed, by: either, .unavailable,
            meaning: "the connection could not be made",
            advice:
                "the detail has the system's own words: no route, no such socket file, no descriptors left, no such name"
        ),
        ReasonGuide(
            [.connect, .relay], .draining, by: either, .unavailable,
            meaning: "this side was closing its connections when the call came",
            advice: "nothing if it was stopped on purpose; callers repeat such calls elsewhere by themselves"),
        ReasonGuide(
            [.tls], .tlsUntrusted, by: either, .unavailable,
            meaning: "the peer's certificate does not lead to a root that this side trusts",
            advice: "it belongs to another mesh, or the roots were rotated without it: 'weft tls why' shows both sides"),
        ReasonGuide(
            [.tls], .tlsIdentityMismatch, by: either, .unavailable,
            meaning: "the peer proved to be somebody else than this side expected",
            advice:
                "an address that now belongs to another service, or a callers rule that is too narrow: the detail has "
                + "both names, and 'weft tls why' the certificates"),
        ReasonGuide(
            [.tls], .tlsExpired, by: either, .unavailable,
            meaning: "the certificate of one side is expired or not yet valid",
            advice: "see that the peer's sidecar reaches the control plane to renew it, and that clocks agree"),
        ReasonGuide(
            [.tls], .tlsFailed, by: either, .unavailable,
            meaning: "the TLS handshake broke off",
            advice: "the peer may speak plaintext, or refuse this side's certificate: its own log says why"),
    ]

    static let underWay: [ReasonGuide] = [
        ReasonGuide(
            [.wait], .deadline, by: either, .timeout,
            meaning: "the call was sent and no answer came before the deadline",
            advice: "look at the callee's own log and latency; the attempts show where the time went"),
        ReasonGuide(
            [.send, .wait, .receive, .relay, .connect], .peerReset, by: either, .failed,
            meaning: "the peer gave the stream up with a reset",
            advice: "the detail has the code of the reset; the peer's log should say more"),
        ReasonGuide(
            [.send, .wait, .receive], .peerGoAway, by: either, .unavailable,
            meaning: "the peer was closing the connection and did not take the call any more",
            advice: "nothing: such calls are repeated elsewhere; if callers see it, no other endpoint was left"),
        ReasonGuide(
            [.send, .wait, .receive, .connect, .tls], .peerClosed, by: either, .unavailable,
            meaning: "the connection was lost before the answer was complete",
            advice: "the process at {} has crashed or was killed, or the network between is broken"),
        ReasonGuide(
            [.send, .wait, .receive, .relay], .refused, by: either, .unavailable,
            meaning: "the peer refused the stream without looking at the call",
            advice: "it is full or stopping; such calls are repeated elsewhere by themselves"),
        ReasonGuide(
            [.send, .wait, .receive, .queue, .relay], .cancelled, by: either, .cancelled,
            meaning: "the caller gave the call up",
            advice: "nothing on this side: the caller left, or its own deadline was shorter"),
        ReasonGuide(
            [.send, .receive], .bodyTooLarge, by: "the side that reads", .tooLarge,
            meaning: "a message is larger than the side that reads it allows",
            advice: "send less, or raise the limit where it is read"),
        ReasonGuide(
            [.send, .receive], .headersTooLarge, by: "the side that sends", .tooLarge,
            meaning: "the metadata is larger than the peer takes",
            advice: "send less metadata: cookies and tokens are the usual culprits"),
        ReasonGuide(
            [.receive], .invalidMessage, by: "the side that reads", .invalid,
            meaning: "what came is no message of the contract",
            advice: "both sides may be built from contracts that do not fit: 'weft breaking' compares them"),
        ReasonGuide(
            [.send, .wait, .receive], .protocolError, by: either, .failed,
            meaning: "the peer broke a rule of HTTP/2 or of gRPC",
            advice: "the detail names the rule; is the peer at {} really a gRPC server?"),
        ReasonGuide(
            [.connect], .protocolError, by: either, .unavailable,
            meaning: "who answered the connection does not speak HTTP/2",
            advice: "the detail says what came; is it a server of HTTP/1 at {}, or one that wants TLS?"),
    ]

    static let relaying: [ReasonGuide] = [
        ReasonGuide(
            [.receive], .appStatus, by: "the service", .failed,
            meaning: "the service itself answered with this status; the mesh had no part in it",
            advice: "look at the service's own log for the request id"),
        ReasonGuide(
            [.admit, .send, .wait, .receive], .faultInjected, by: either, .failed,
            meaning: "a fault was injected on purpose by a policy",
            advice: "look for `faults` in the policies of the service if nobody meant it"),
        ReasonGuide(
            [.retry], .appStatus, by: callers, .failed,
            meaning: "the call was tried more than once, and the last answer is the service's own",
            advice: "the status is the application's: look at its log; the attempts show what went before"),
    ]
}
