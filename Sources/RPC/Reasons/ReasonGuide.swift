public import Exchange

/// What one reason means to a person: a row of the table that `weft why`, `weft explain`, the edge and the article "Why a
/// call failed" share.
///
/// A reason that Weft can make and that has no row here fails a test.
public struct ReasonGuide: Sendable {
    /// Where on its way a call can be when it fails so.
    public let phases: [Failure.Phase]
    public let cause: Failure.Cause
    /// Who finds it: `the caller's sidecar`.
    public let maker: String
    /// What happened, in a sentence.
    public let meaning: String
    /// What to do about it, in a sentence or two.
    public let advice: String
    /// What an outsider may know of it.
    public let coarse: CoarseReason

    init(
        _ phases: [Failure.Phase], _ cause: Failure.Cause, by maker: String, _ coarse: CoarseReason,
        meaning: String, advice: String
    ) {
        self.phases = phases
        self.cause = cause
        self.maker = maker
        self.coarse = coarse
        self.meaning = meaning
        self.advice = advice
    }

    /// The status that callers get with it, if no reset code says more.
    public var code: StatusCode { StatusCode(Failure(phases[0], cause)) }

    /// `PICK.no_endpoints`, one for each phase.
    public var names: [String] { phases.map { Self.name($0, cause) } }

    /// `PICK.no_endpoints`
    public static func name(_ phase: Failure.Phase, _ cause: Failure.Cause) -> String {
        "\(phase.rawValue).\(cause.rawValue)"
    }

    /// All rows, in the order in which a call meets the phases.
    public static let all: [ReasonGuide] = admission + limits + choice + connecting + underWay + relaying

    /// The row of a reason; nil for a combination that Weft does not make.
    public static func of(_ phase: Failure.Phase, _ cause: Failure.Cause) -> ReasonGuide? {
        all.first { $0.cause == cause && $0.phases.contains(phase) }
    }

    /// By the name in a trailer, a log or a metric: `PICK.no_endpoints`, with its subject or without.
    public static func named(_ name: String) -> (phase: Failure.Phase, guide: ReasonGuide)? {
        let parts = name.prefix { $0 != "[" }.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let phase = Failure.Phase(rawValue: parts[0].uppercased()),
            let cause = Failure.Cause(rawValue: parts[1].lowercased()), let guide = of(phase, cause)
        else { return nil }
        return (phase, guide)
    }
}

/// What the edge tells outsiders instead of a reason: no addresses, no names of policies, no states.
public enum CoarseReason: String, Sendable, CaseIterable {
    case unavailable
    case overloaded
    case timeout
    case denied
    case unknown
    case invalid
    case tooLarge = "too_large"
    case cancelled
    case failed

    /// A sentence for the client.
    public var sentence: String {
        switch self {
        case .unavailable: "the service cannot be reached at the moment"
        case .overloaded: "too many requests at the moment"
        case .timeout: "the service did not answer in time"
        case .denied: "the request is not allowed"
        case .unknown: "there is no such service or method"
        case .invalid: "the request or its answer cannot be read"
        case .tooLarge: "the request or its answer is too large"
        case .cancelled: "the request was given up"
        case .failed: "the request failed"
        }
    }
}

extension Failure {
    /// The letters with which Envoy's access logs say the same (response flags), for people who know those; empty where
    /// Envoy has none.
    public var envoyFlag: String {
        switch (phase, cause) {
        case (_, .cancelled): "DC"
        case (.authorize, _): "UAEX"
        case (.route, _): "NR"
        case (.pick, .noEndpoints), (.pick, .allEjected), (.limit, .breakerOpen): "UH"
        case (.admit, .quota), (.limit, .quota): "RL"
        case (.limit, _), (.queue, _): "UO"
        case (_, .faultInjected): "FI"
        case (.wait, .deadline), (.admit, .deadline), (.admit, .deadlineBudget), (.pick, .deadline): "UT"
        case (.connect, _), (.tls, _): "UF"
        case (.retry, _): "URX"
        case (_, .peerReset), (_, .refused): "UR"
        case (_, .peerClosed), (_, .peerGoAway): "UC"
        case (_, .protocolError), (_, .invalidMessage): "UPE"
        default: ""
        }
    }
}
