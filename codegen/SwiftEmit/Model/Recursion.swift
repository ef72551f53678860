import Descriptors

/// Which message types contain themselves over singular fields, so that they cannot be stored inline.
///
/// Two types contain each other if they are in one strongly connected component of the graph "has a singular field of"
/// (Tarjan, 1972). Imports have no cycles, so a component never leaves its file. Arrays and maps store elsewhere.
struct Recursion {
    private var component: [String: Int] = [:]

    init(_ file: FileDescriptorProto) {
        var edges: [String: [String]] = [:]
        let package = file.package ?? ""
        for message in file.messageType {
            Recursion.collect(message, under: package.isEmpty ? "" : "." + package, into: &edges)
        }
        var walk = Walk(edges: edges)
        for name in edges.keys.sorted() where walk.order[name] == nil { walk.visit(name) }
        component = walk.component
    }

    /// Whether a singular field of type `target` in `owner` needs a box.
    func closes(from owner: String, to target: String) -> Bool {
        guard let own = component[owner] else { return false }
        return own == component[target]
    }

    private static func collect(_ message: DescriptorProto, under prefix: String, into edges: inout [String: [String]])
    {
        let name = prefix + "." + (message.name ?? "")
        edges[name] = message.field.compactMap { field in
            guard field.label != .repeated, field.type == .message || field.type == .group else { return nil }
            return field.typeName
        }
        for nested in message.nestedType { collect(nested, under: name, into: &edges) }
    }

    private struct Walk {
        let edges: [String: [String]]
        var order: [String: Int] = [:]
        var component: [String: Int] = [:]
        private var lowest: [String: Int] = [:]
        private var stack: [String] = []

        init(edges: [String: [String]]) {
            self.edges = edges
        }

        mutating func visit(_ name: String) {
            let index = order.count
            order[name] = index
            lowest[name] = index
            stack.append(name)
            for target in edges[name] ?? [] where edges[target] != nil {
                if order[target] == nil {
                    visit(target)
                    lowest[name] = min(lowest[name] ?? index, lowest[target] ?? index)
                } else if component[target] == nil {
                    lowest[name] = min(lowest[name] ?? index, order[target] ?? index)
                }
            }
            guard lowest[name] == index else { return }
            while let last = stack.popLast() {
                component[last] = index
                if last == name { break }
            }
        }
    }
}
