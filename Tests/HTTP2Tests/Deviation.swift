import HTTP2

/// Where the engines differ by design: all that may be, each with its reason.
enum Deviation: String, CaseIterable {
    /// The RFC asks for a stream error, and the library gives the connection up, as it may (RFC 9113 §5.4.1): HEADERS above
    /// the stream limit (§5.1.2), frames behind END_STREAM (§5.1), WINDOW_UPDATE by nothing (§6.9), PRIORITY that is
    /// malformed (§6.3), DATA before a response's head (§8.1.1). Other streams need not suffer.
    case costsOneStream
    /// HEADERS or DATA on a stream that the peer itself ended, and a number that goes down, are connection errors (§5.1,
    /// §5.1.1). The library forgets ended streams here, and reads over such frames.
    case closedStream
    /// The end of a message needs no window (§6.9.1). The library lets it wait for one.
    case endWithoutWindow
    /// A client may announce a later GOAWAY by the highest number too (§6.8), which the library refuses.
    case clientsNotice
    /// A PUSH_PROMISE is refused whatever its form is (§8.4); the library looks at its size first.
    case pushIsRefused
    /// Padding is given back with the data that it came with, or beside it: an update may be so much larger.
    case paddingApart
    /// A header block is judged when all of it is there; the library judges it as it comes.
    case judgedWhole
    /// The library takes CONTINUATION of any size.
    case largeContinuation

    /// Whether this is why the engines made different things of a step, which brought parts of these frames.
    func explains(_ cuts: FrameCuts, _ native: Outcome, _ library: Outcome) -> Bool {
        switch self {
        case .costsOneStream:
            guard native.code == nil, let code = library.code else { return false }
            let resets = native.sent.values.filter { $0.hasPrefix(" rst ") }
            return resets.count == 1 && (resets[0].hasSuffix(" \(code)") || cuts.has(1) && resets[0].hasSuffix(" 7"))
        case .closedStream:
            guard library.code == nil else { return false }
            return native.code == 5 && (cuts.has(0) || cuts.has(1)) || native.code == 1 && cuts.has(1)
        case .endWithoutWindow:
            return native.code == nil && library.code == nil && native.isEndMore(than: library)
        case .clientsNotice:
            return cuts.has(7) && library.code == 1
                && native.heard[0]?.first?.hasPrefix("goaway 2147483647 ") == true
        case .pushIsRefused:
            return cuts.has(5) && native.code == 1 && library.code == 6
        case .paddingApart:
            guard cuts.has(0, flag: 8), let one = native.updates[0], let other = library.updates[0] else {
                return false
            }
            return max(one, other) - min(one, other) <= 256
        case .judgedWhole:
            let isHeaders = cuts.has(1) || cuts.has(9) || cuts.isWithinBlock
            return isHeaders && native.code == nil && library.code != nil && (cuts.isWithinFrame || cuts.isWithinBlock)
        case .largeContinuation:
            return cuts.has(9) && native.code == 6 && library.code == nil
        }
    }
}

extension Outcome {
    /// This one ended streams by trailers or an empty frame, of which the other says nothing, and that is all.
    func isEndMore(than other: Outcome) -> Bool {
        guard updates == other.updates else { return false }
        return sent.allSatisfy { stream, said in
            let theirs = other.sent[stream] ?? ""
            guard said != theirs else { return true }
            let more = said.dropFirst(theirs.count)
            return said.hasPrefix(theirs) && (more == " end" || more.hasPrefix(" head ") && more.hasSuffix(" 5 "))
        }
    }
}
