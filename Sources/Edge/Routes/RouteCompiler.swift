internal import Descriptors
internal import MeshAPI
internal import ProtoWire
internal import WellKnown

/// The routes of all contracts, and what was wrong with some.
struct EdgeRoutes: Sendable {
    var table = RouteTable<EdgeMethod>()
    /// The mesh services behind the routes.
    var services: [String] = []
}

/// Makes routes of the `google.api.http` rules in published contracts.
///
/// A bad rule takes out its own route alone, and is reported with the method that it stands on: the other services go on.
struct RouteCompiler {
    private(set) var routes = EdgeRoutes()
    private(set) var faults: [String] = []

    static func compile(_ contracts: [WeftControlV1.Contract]) -> (routes: EdgeRoutes, faults: [String]) {
        var compiler = RouteCompiler()
        for contract in contracts {
            compiler.add(contract)
        }
        return (compiler.routes, compiler.faults)
    }

    private mutating func add(_ contract: WeftControlV1.Contract) {
        let pool: DescriptorPool
        do {
            pool = try DescriptorPool(try FileDescriptorSet(decoding: contract.descriptorSet))
        } catch {
            faults.append("the contract of '\(contract.service)' cannot be read: \(error)")
            return
        }
        routes.services.append(contract.service)
        for name in contract.rpcServices {
            for method in pool.service(name)?.method ?? [] {
                let fullName = "\(name)/\(method.name ?? "")"
                do {
                    try add(method, fullName, of: contract.service, pool)
                } catch {
                    faults.append("\(fullName): \(error.message)")
                }
            }
        }
    }

    private struct Fault: Error {
        let message: String
    }

    private mutating func add(
        _ method: MethodDescriptorProto, _ fullName: String, of service: String, _ pool: DescriptorPool
    ) throws(Fault) {
        let rule: GoogleApi.HttpRule?
        do {
            rule = try method.options?.value(of: GoogleApi.http)
        } catch {
            throw Fault(message: "its google.api.http cannot be read: \(error)")
        }
        guard let rule else { return }
        guard method.clientStreaming != true else {
            throw Fault(message: "a method that takes a stream cannot have an HTTP rule yet")
        }
        guard let types = pool.types(of: method) else { throw Fault(message: "its types are not in the contract") }
        for binding in [rule] + rule.additionalBindings {
            let target = EdgeMethod(
                service: service, fullName: fullName, input: types.input, output: types.output,
                isServerStreaming: method.serverStreaming == true, body: try body(binding.body, types.input),
                replyField: try field(binding.responseBody, of: types.output), transcoder: JSONTranscoder(pool: pool))
            try add(binding, target)
        }
    }

    private func body(_ name: String, _ input: MessageTable) throws(Fault) -> EdgeMethod.Body {
        switch name {
        case "": .none
        case "*": .whole
        default: try field(name, of: input).map { .field($0) } ?? .none
        }
    }

    private func field(_ name: String, of table: MessageTable) throws(Fault) -> FieldTable? {
        guard !name.isEmpty else { return nil }
        guard let field = table.field(named: name) else {
            throw Fault(message: "'\(name)' is not a field of \(table.fullName)")
        }
        return field
    }

    private mutating func add(_ binding: GoogleApi.HttpRule, _ target: EdgeMethod) throws(Fault) {
        guard let (method, path) = pattern(of: binding) else { throw Fault(message: "a binding has no pattern") }
        do {
            let template = try PathTemplate(path)
            for variable in template.variables {
                guard EdgeMethod.isBindable(variable.fieldPath, in: target.input) else {
                    throw Fault(
                        message:
                            "the variable '\(variable.fieldPath)' of '\(path)' is not a single scalar field of \(target.input.fullName)"
                    )
                }
            }
            try routes.table.add(method: method, template: template, target: target, name: target.fullName)
        } catch let fault as PathTemplate.Fault {
            throw Fault(message: "the template '\(path)': \(fault.message)")
        } catch let conflict as RouteTable<EdgeMethod>.Conflict {
            throw Fault(message: conflict.message)
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(message: "\(error)")
        }
    }

    private func pattern(of binding: GoogleApi.HttpRule) -> (method: String, path: String)? {
        switch binding.pattern {
        case .get(let path): ("GET", path)
        case .put(let path): ("PUT", path)
        case .post(let path): ("POST", path)
        case .delete(let path): ("DELETE", path)
        case .patch(let path): ("PATCH", path)
        case .custom(let custom): (custom.kind, custom.path)
        case nil: nil
        }
    }
}

extension RouteCompiler {
    /// The RPC services that a descriptor set declares.
    static func services(in descriptorSet: [UInt8]) throws -> [String] {
        try DescriptorPool(try FileDescriptorSet(decoding: descriptorSet)).services
    }
}
