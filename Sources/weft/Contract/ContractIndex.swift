import Descriptors
import MeshPolicy

/// Every symbol of a set of files, by full name: what `list`, `describe` and `call` look things up in.
struct ContractIndex {
    enum Symbol {
        case message(DescriptorProto)
        case enumeration(EnumDescriptorProto)
        case service(ServiceDescriptorProto)
        case method(MethodDescriptorProto, service: String)
    }

    let files: [FileDescriptorProto]
    private var symbols: [String: Symbol] = [:]
    private(set) var services: [String] = []

    init(_ files: [FileDescriptorProto]) {
        self.files = files
        for file in files {
            let package = file.package ?? ""
            for message in file.messageType { add(message, in: package) }
            for enumeration in file.enumType { symbols[join(package, enumeration.name)] = .enumeration(enumeration) }
            for service in file.service {
                let name = join(package, service.name)
                symbols[name] = .service(service)
                services.append(name)
                for method in service.method {
                    symbols[join(name, method.name)] = .method(method, service: name)
                }
            }
        }
        services.sort()
    }

    private mutating func add(_ message: DescriptorProto, in scope: String) {
        let name = join(scope, message.name)
        symbols[name] = .message(message)
        for nested in message.nestedType { add(nested, in: name) }
        for enumeration in message.enumType { symbols[join(name, enumeration.name)] = .enumeration(enumeration) }
    }

    private func join(_ scope: String, _ name: String?) -> String {
        scope.isEmpty ? (name ?? "") : "\(scope).\(name ?? "")"
    }

    /// Finds a symbol by its full name; a method also as `pkg.Service/Method`.
    func find(_ name: String) -> Symbol? {
        let plain = name.hasPrefix(".") ? String(name.dropFirst()) : name
        return symbols[plain.map { $0 == "/" ? "." : String($0) }.joined()]
    }

    func methods(of service: String) -> [MethodDescriptorProto] {
        if case .service(let found) = find(service) { found.method } else { [] }
    }

    /// The names nearest to a name that was not found.
    func suggestions(for name: String) -> [String] {
        let last = name.split { $0 == "." || $0 == "/" }.last.map { $0.lowercased() } ?? ""
        let near = symbols.keys.filter { key in
            let end = key.split(separator: ".").last.map { $0.lowercased() } ?? ""
            return end == last || NearestName.distance(end, last) <= 2
        }
        return Array(near.sorted().prefix(3))
    }
}
