public import Exchange
import ProtoWire
import Timebase

extension RPCError: CustomStringConvertible, CustomDebugStringConvertible {
    /// One line: `UNAVAILABLE: no endpoint of course is usable (PICK.no_endpoints[course])`.
    public var description: String {
        let said = message.isEmpty ? code.name : "\(code.name): \(message.onOneLine)"
        return reason.map { "\(said) (\($0.onOneLine))" } ?? said
    }

    /// How the call failed, from the code down to each attempt, a line for each thing that is known:
    ///
    ///     UNAVAILABLE: no answer from any endpoint (RETRY.peer_closed[course])
    ///       the peer answered so; the request may have been processed
    ///       course-1/outbound says: RETRY.peer_closed[course]: the connection was lost; request 7f3a91
    ///       attempt 1 at 10.0.0.2:4143: CONNECT.connect_refused after 0.4 ms
    ///       attempt 2 at 10.0.0.3:4143: RECV.peer_closed after 12.1 ms, begun 25 ms later
    ///       details: google.rpc.RetryInfo
    public var story: String {
        var lines = [description, "  \(found); \(reach)"]
        if let why {
            var line = "  \(why.reporter.isEmpty ? "a member of the mesh" : why.reporter) says: \(why.reason)"
            if !why.detail.isEmpty { line += ": \(why.detail)" }
            if !why.requestID.isEmpty { line += "; request \(why.requestID)" }
            lines.append(line)
        } else if let cause {
            lines.append("  because: \(cause.reason)" + (cause.detail.isEmpty ? "" : ": \(cause.detail)"))
        }
        for (index, attempt) in attempts.enumerated() { lines.append("  attempt \(index + 1)\(attempt.told)") }
        let names = packedDetails.map { String($0.typeName) }
        if !names.isEmpty { lines.append("  details: " + names.joined(separator: ", ")) }
        return lines.map(\.onOneLine).joined(separator: "\n")
    }

    public var debugDescription: String { story }

    /// What was tried before the call failed, the failing attempt last; empty if nobody repeats calls here or tells of it.
    public var attempts: [AttemptRecord] {
        if let told = why?.attempts, !told.isEmpty { return told }
        return cause?.attempts ?? []
    }

    private var found: String {
        switch origin {
        case .peer: "the peer answered so"
        case .transport: "found on the way to the peer"
        case .local: "found on this side"
        }
    }

    private var reach: String {
        reachedPeer ? "the request may have been processed" : "the request was not processed"
    }
}

extension AttemptRecord {
    fileprivate var told: String {
        var text = endpoint.isEmpty ? "" : " at \(endpoint)"
        text += ": \(reason.isEmpty ? "failed" : reason) after \(lasted.inMilliseconds)"
        if waited > .milliseconds(1) { text += ", begun \(waited.inMilliseconds) later" }
        return text
    }
}

extension Duration {
    /// `12.1 ms`
    fileprivate var inMilliseconds: String {
        let tenths = clampedNanoseconds / 100_000
        return tenths % 10 == 0 ? "\(tenths / 10) ms" : "\(tenths / 10).\(tenths % 10) ms"
    }
}

extension String {
    /// Without line breaks and other controls: what a peer wrote must not look like lines of our own log.
    fileprivate var onOneLine: String {
        guard unicodeScalars.contains(where: String.isControl) else { return self }
        var line = ""
        for scalar in unicodeScalars {
            if String.isControl(scalar) {
                line += scalar.escaped(asASCII: true)
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
        return line
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || 0x7F..<0xA0 ~= scalar.value || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}
