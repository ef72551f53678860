import Descriptors
import ProtoCheck

extension BreakingRule {
    /// Calls are answered as they were.
    static let serviceRules: [BreakingRule] = [
        BreakingRule(
            Rule(
                "RPC_NO_DELETE", source, "RPCs are not deleted from a service.",
                why: "calls of it end in UNIMPLEMENTED, and code that makes them no longer builds")
        ) { run in
            run.forEachService { old, new, run in
                let names = Set(new.methods.map(\.name))
                for method in old.methods where !names.contains(method.name) {
                    run.report(
                        "the rpc `\(method.name)` was deleted from the service `\(new.name)`", at: new.place,
                        against: old.place, help: "keep it, with `option deprecated = true;`")
                }
            }
        },
        BreakingRule(
            Rule(
                "RPC_SAME_CLIENT_STREAMING", wire, "RPCs keep whether they stream requests.",
                why: "one side waits for a message that the other never sends, or refuses the second one")
        ) { run in
            run.forEachMethod { old, new, run in
                guard old.isClientStreaming != new.isClientStreaming else { return }
                run.report(
                    "the requests of `\(new.name)` were \(old.isClientStreaming ? "a stream" : "one message") and are "
                        + (new.isClientStreaming ? "a stream" : "one message"),
                    at: new.place, against: old.place, help: "add an rpc under another name")
            }
        },
        BreakingRule(
            Rule(
                "RPC_SAME_SERVER_STREAMING", wire, "RPCs keep whether they stream responses.",
                why: "one side waits for a message that the other never sends, or refuses the second one")
        ) { run in
            run.forEachMethod { old, new, run in
                guard old.isServerStreaming != new.isServerStreaming else { return }
                run.report(
                    "the responses of `\(new.name)` were \(old.isServerStreaming ? "a stream" : "one message") and are "
                        + (new.isServerStreaming ? "a stream" : "one message"),
                    at: new.place, against: old.place, help: "add an rpc under another name")
            }
        },
        BreakingRule(
            Rule(
                "RPC_SAME_IDEMPOTENCY_LEVEL", wire, "RPCs keep their idempotency level.",
                why: "clients repeat, and send as GET, what says that it has no side effects")
        ) { run in
            run.forEachMethod { old, new, run in
                let before = old.proto.options?.idempotencyLevel ?? .idempotencyUnknown
                let now = new.proto.options?.idempotencyLevel ?? .idempotencyUnknown
                guard before != now else { return }
                run.report(
                    "the idempotency of `\(new.name)` was \(before.word) and is \(now.word)",
                    at: new.place.part(4, 34), against: old.place.part(4, 34), help: "change it back")
            }
        },
        BreakingRule(
            Rule(
                "RPC_SAME_REQUEST_TYPE", wire, "RPCs keep their request type.",
                why: "the server reads what an older client wrote as something else")
        ) { run in
            run.forEachMethod { old, new, run in
                run.compareTypes(
                    "request of the rpc `\(new.name)`", old.input, new.input, at: new.place.part(2),
                    against: old.place.part(2))
            }
        },
        BreakingRule(
            Rule(
                "RPC_SAME_RESPONSE_TYPE", wire, "RPCs keep their response type.",
                why: "an older client reads what the server wrote as something else")
        ) { run in
            run.forEachMethod { old, new, run in
                run.compareTypes(
                    "response of the rpc `\(new.name)`", old.output, new.output, at: new.place.part(3),
                    against: old.place.part(3))
            }
        },
    ]
}

extension BreakingRun {
    /// A message type under another name: no break on the wire if the forms are the same.
    mutating func compareTypes(
        _ what: String, _ before: String, _ now: String, at place: ElementPlace, against: ElementPlace,
        subject: Subject? = nil
    ) {
        guard before != now else { return }
        let message = "the \(what) was `\(before)` and is `\(now)`"
        let options = comparison.options
        let asksAboutJSON = options.selection.use.contains { $0 != "WIRE" }
        if options.comparesStructure, comparison.shapes.areEqual(before, now, inJSON: asksAboutJSON) {
            if options.asksAboutSource {
                report(
                    message + ", renamed, same on the wire", at: place, against: against,
                    help: "callers build again under the new name; nothing changes for programs that run")
            } else {
                remark(message + ": renamed, same on the wire", at: place, against: against)
            }
            return
        }
        report(
            message, at: place, against: against, help: "add a field or an rpc under another name, and keep this one",
            subject: subject ?? .types(old: before, new: now))
    }
}

extension MethodOptions.IdempotencyLevel {
    fileprivate var word: String {
        switch self {
        case .noSideEffects: "NO_SIDE_EFFECTS"
        case .idempotent: "IDEMPOTENT"
        default: "IDEMPOTENCY_UNKNOWN"
        }
    }
}
