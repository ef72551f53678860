import Exchange
import MeshAPI
import RPC

/// The story of one request, out of what several processes tell of it.
struct WhyStory {
    private let stories: [WeftAdminV1.Story]

    init(of stories: [WeftAdminV1.Story]) {
        self.stories = Self.inOrder(stories)
    }

    /// As calls began. Clocks of machines differ a little, so that who calls stands before who is called all the same if
    /// both say the same instant.
    static func inOrder(_ stories: [WeftAdminV1.Story]) -> [WeftAdminV1.Story] {
        stories.sorted { left, right in
            let (one, other) = (left.atMs * 1000 - left.tookUs, right.atMs * 1000 - right.tookUs)
            return one != other ? one < other : (left.direction == "outbound" && right.direction != "outbound")
        }
    }

    /// Who found the failure first: nobody further in says anything of it.
    private var source: WeftAdminV1.Story? {
        stories.last { $0.code != 0 && $0.why?.reporter == $0.teller } ?? stories.last { $0.code != 0 } ?? stories.last
    }

    var text: String {
        guard let first = stories.first else { return "" }
        var lines = [
            "request \(first.why?.requestId ?? "")" + (first.traceId.isEmpty ? "" : ", trace \(first.traceId)"), "",
        ]
        for story in stories { lines += Self.told(story) + [""] }
        if let source { lines += Self.meaning(of: source) }
        return lines.map { Self.plain($0) }.joined(separator: "\n") + "\n"
    }

    // MARK: One process's part

    private static func told(_ story: WeftAdminV1.Story) -> [String] {
        let code = StatusCode(rawValue: Int(story.code))?.name ?? "\(story.code)"
        let who = story.caller.isEmpty ? "" : " for \(short(story.caller))"
        var lines = [
            "\(time(story.atMs))  \(story.teller)  \(story.method.isEmpty ? "a call" : story.method)"
                + " of \(story.callee.isEmpty ? "nobody" : story.callee)\(who)",
            "    \(story.code == 0 ? "OK" : code) after \(milliseconds(story.tookUs))",
        ]
        guard let why = story.why else { return lines }
        if !why.phase.isEmpty {
            let flag = flag(of: why)
            let said = why.reporter == story.teller || why.reporter.isEmpty ? "" : ", as \(why.reporter) says"
            lines.append("    \(reason(of: why))\(flag.isEmpty ? "" : " (\(flag))")\(said)")
        }
        if !why.detail.isEmpty { lines.append("    \(why.detail)") }
        for (index, attempt) in why.attempts.enumerated() {
            lines.append("    attempt \(index + 1)\(told(attempt))")
        }
        if let state = why.state.flatMap(told) { lines.append("    \(state)") }
        return lines
    }

    private static func told(_ attempt: WeftWhyV1.Attempt) -> String {
        var text = attempt.endpoint.isEmpty ? "" : " at \(attempt.endpoint)"
        text += ": \(attempt.reason)"
        let times = [
            ("waited", attempt.waitedUs), ("connected in", attempt.connectedUs), ("sent in", attempt.sentUs),
            ("awaited", attempt.awaitedUs),
        ]
        text += times.filter { $0.1 > 0 }.map { ", \($0.0) \(milliseconds($0.1))" }.joined()
        return text + (attempt.breaker.isEmpty ? "" : "; breaker \(attempt.breaker)")
    }

    private static func told(_ state: WeftWhyV1.State) -> String? {
        var parts: [String] = []
        if let endpoints = state.endpoints {
            parts.append("\(state.usableEndpoints) of \(endpoints) endpoints usable\(state.panic ? ", panic" : "")")
        }
        if state.bulkheadLimit > 0 {
            parts.append(
                "bulkhead \(state.bulkheadInFlight) of \(state.bulkheadLimit), \(state.bulkheadWaiting) waiting")
        }
        if let left = state.budgetLeft { parts.append("retry budget \(left)") }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    // MARK: What it means

    private static func meaning(of story: WeftAdminV1.Story) -> [String] {
        let why = story.why ?? WeftWhyV1.Why()
        guard !why.phase.isEmpty else { return ["It means: the call succeeded, after attempts that did not."] }
        guard let guide = ReasonGuide.named("\(why.phase).\(why.cause)")?.guide else {
            return ["'\(why.phase).\(why.cause)' is no reason that this weft knows: the mesh is newer than it."]
        }
        let advice = guide.advice.replacing("{}", with: why.subject.isEmpty ? "the peer" : why.subject)
        return [
            "It means: \(guide.meaning).", "What to do: \(advice).", "More: weft explain \(why.phase).\(why.cause)",
        ]
    }

    private static func reason(of why: WeftWhyV1.Why) -> String {
        let name = "\(why.phase).\(why.cause)"
        return why.subject.isEmpty ? name : "\(name)[\(why.subject)]"
    }

    private static func flag(of why: WeftWhyV1.Why) -> String {
        guard let phase = Failure.Phase(rawValue: why.phase), let cause = Failure.Cause(rawValue: why.cause) else {
            return ""
        }
        return Failure(phase, cause).envoyFlag
    }

    // MARK: Words

    /// `web` for `spiffe://town/ns/default/sa/web`.
    private static func short(_ caller: String) -> String {
        caller.hasPrefix("spiffe://") ? caller.split(separator: "/").last.map(String.init) ?? caller : caller
    }

    /// `12.3 ms`
    private static func milliseconds(_ microseconds: Int64) -> String {
        let tenths = (microseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10) ms"
    }

    /// `04:05:06.789`, in UTC.
    private static func time(_ milliseconds: Int64) -> String {
        let inDay = (milliseconds % 86_400_000 + 86_400_000) % 86_400_000
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let rest = inDay % 1000
        return "\(two(inDay / 3_600_000)):\(two(inDay / 60_000 % 60)):\(two(inDay / 1000 % 60))."
            + String("00\(rest)".suffix(3))
    }

    /// What a peer wrote must not look like lines of ours.
    private static func plain(_ line: String) -> String {
        String(String.UnicodeScalarView(line.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }
}
