import ProtoSyntax

/// What edition 2026 lets a declaration hold (`features.enforce_proto_limits = PROTO_LIMITS2026`): beyond that, compilers of
/// some language fail on the generated code.
private enum ProtoLimit {
    static let fieldsOfMessage = 1_500
    static let oneofsOfMessage = 1_000
    static let fieldsOfOneof = 1_200
    static let valuesOfEnum = 1_700
}

extension Validator {
    func checkLimits(of message: MessageDraft, _ report: inout Report) {
        if message.features.protoLimits == .limits2026 {
            let counts = [
                (message.fields.count, ProtoLimit.fieldsOfMessage, "fields"),
                (message.oneofs.count, ProtoLimit.oneofsOfMessage, "oneofs"),
            ]
            for (count, limit, what) in counts where count > limit {
                self.report(count, limit, what, in: "message `\(message.name)`", at: message.nameSpan, &report)
            }
        }
        guard message.oneofs.contains(where: { $0.features.protoLimits == .limits2026 }) else { return }
        var counts = Array(repeating: 0, count: message.oneofs.count)
        for field in message.fields {
            if let oneof = file.fields[field].oneof { counts[oneof] += 1 }
        }
        for (oneof, count) in zip(message.oneofs, counts) where oneof.features.protoLimits == .limits2026 {
            guard count > ProtoLimit.fieldsOfOneof else { continue }
            let place = oneof.nameSpan ?? message.nameSpan
            self.report(count, ProtoLimit.fieldsOfOneof, "fields", in: "oneof `\(oneof.name)`", at: place, &report)
        }
    }

    func checkLimits(of enumeration: EnumDraft, _ report: inout Report) {
        guard enumeration.features.protoLimits == .limits2026, enumeration.values.count > ProtoLimit.valuesOfEnum
        else { return }
        self.report(
            enumeration.values.count, ProtoLimit.valuesOfEnum, "values", in: "enum `\(enumeration.name)`",
            at: enumeration.nameSpan, &report)
    }

    private func report(
        _ count: Int, _ limit: Int, _ what: String, in name: String, at span: Span, _ report: inout Report
    ) {
        report.error(
            .protoLimits, "\(name) has \(count) \(what); edition 2026 allows \(limit)", at: span,
            help: "split it, or opt out with `features.enforce_proto_limits = LEGACY_NO_EXPLICIT_LIMITS`")
    }
}
