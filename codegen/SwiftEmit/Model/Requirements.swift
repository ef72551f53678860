import Descriptors

/// Which message types have a required field or reach one over their fields: only those can be incomplete.
///
/// It starts at the types that have one and walks back to all that hold them, so each type is visited once.
struct Requirements {
    private(set) var messages: Set<String> = []
    /// Under a type: the types that have a field of it.
    private var holders: [String: [String]] = [:]

    init(_ files: [FileDescriptorProto]) {
        for file in files {
            let package = file.package ?? ""
            let features = Features(file)
            for message in file.messageType { collect(message, under: package.isEmpty ? "" : "." + package, features) }
        }
        var waiting = Array(messages)
        while let next = waiting.popLast() {
            for holder in holders[next] ?? [] where messages.insert(holder).inserted { waiting.append(holder) }
        }
    }

    private mutating func collect(_ message: DescriptorProto, under prefix: String, _ outer: Features) {
        let name = prefix + "." + (message.name ?? "")
        let features = outer.with(message.options?.features)
        for field in message.field {
            let presence = features.with(field.options?.features).presence
            if field.label == .required || presence == .legacyRequired && field.label != .repeated {
                messages.insert(name)
            }
            if let type = field.typeName { holders[type, default: []].append(name) }
        }
        for nested in message.nestedType { collect(nested, under: name, features) }
    }
}
