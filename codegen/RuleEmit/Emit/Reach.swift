import Descriptors

/// Which messages have rules, or hold messages that have: those that get a `validate`.
struct Reach {
    private(set) var validated: Set<String>

    init(_ schema: Schema) {
        var found = Set(schema.messages.values.filter { Reach.hasRules($0) }.map(\.fullName))
        var holders: [String: [String]] = [:]
        for message in schema.messages.values {
            for field in message.fields {
                guard let target = field.heldMessage else { continue }
                holders[target, default: []].append(message.fullName)
            }
        }
        var waiting = Array(found)
        while let next = waiting.popLast() {
            for holder in holders[next] ?? [] where found.insert(holder).inserted { waiting.append(holder) }
        }
        validated = found
    }

    /// Bytes that cannot be read are a fault, which is found when the message is written.
    private static func hasRules(_ message: Schema.Message) -> Bool {
        do {
            if try ReadRules.message(message.proto) != nil { return true }
            for oneof in message.proto.oneofDecl { if try ReadRules.oneof(oneof) != nil { return true } }
            for field in message.fields { if try ReadRules.field(field.proto) != nil { return true } }
            return false
        } catch {
            return true
        }
    }
}

extension Schema.Field {
    /// The message that it holds, once, in a list or as the values of a map.
    var heldMessage: String? {
        guard let entry else { return messageType }
        guard entry.value.type == .message || entry.value.type == .group else { return nil }
        return entry.value.typeName.map { String($0.dropFirst()) }
    }
}
