import Descriptors
import ProtoCheck

extension LintRule {
    /// Everything has its sentence.
    static let commentRules: [LintRule] = [
        commentRule("COMMENT_ENUM", "Enums") { run in
            run.forEachEnum { $1.checkComment("enum", $0.name, at: $0.place) }
        },
        commentRule("COMMENT_ENUM_VALUE", "Enum values") { run in
            run.forEachEnumValue { value, _, run in run.checkComment("enum value", value.name, at: value.place) }
        },
        commentRule("COMMENT_FIELD", "Fields") { run in
            run.forEachField { field, run in
                // The comment above a group is that of its message.
                guard !field.isInMapEntry, field.proto.type != .group else { return }
                run.checkComment("field", field.name, at: field.place)
            }
        },
        commentRule("COMMENT_MESSAGE", "Messages") { run in
            run.forEachMessage { message, run in
                guard !message.isMapEntry else { return }
                run.checkComment("message", message.name, at: message.place)
            }
        },
        commentRule("COMMENT_ONEOF", "Oneofs") { run in
            run.forEachMessage { message, run in
                for oneof in message.oneofs where !oneof.isSynthetic {
                    run.checkComment("oneof", oneof.name, at: oneof.place)
                }
            }
        },
        commentRule("COMMENT_RPC", "RPCs") { run in
            run.forEachMethod { method, _, run in run.checkComment("rpc", method.name, at: method.place) }
        },
        commentRule("COMMENT_SERVICE", "Services") { run in
            run.forEachService { $1.checkComment("service", $0.name, at: $0.place) }
        },
    ]

    private static func commentRule(
        _ name: String, _ subject: String, check: @escaping @Sendable (inout LintRun) -> Void
    ) -> LintRule {
        LintRule(
            Rule(
                name, ["COMMENTS"], "\(subject) have a comment.",
                why: "generated code and reference pages show the comment, and callers have nothing else to read"),
            check: check)
    }
}

extension LintRun {
    /// A comment that only silences a rule explains nothing.
    fileprivate mutating func checkComment(_ kind: String, _ name: String, at place: ElementPlace) {
        guard contract.region(of: place) != nil else { return }
        let lines = (contract.leadingComments(of: place) ?? "").split(separator: "\n").map { line in
            line.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        }
        let isSaid = lines.contains { line in
            !line.isEmpty && !LintOptions.commentPrefixes.contains { line.hasPrefix($0) }
        }
        guard !isSaid else { return }
        report("the \(kind) `\(name)` has no comment", at: place, help: "say above it what it is, in a sentence")
    }
}
