import Descriptors
import ProtoWire

/// The methods of a port's services as Connect needs them: by path, with the tables that turn their messages into JSON.
///
/// Linked from the descriptors that travel with generated code, when they are first asked for. Touched on one loop alone.
final class WebMethods {
    private var methods: [String: WebMethod] = [:]

    init(_ services: [ServiceDescriptor]) {
        for service in services {
            for method in service.methods { methods[method.path] = WebMethod(method, of: service) }
        }
    }

    func find(_ path: String) -> WebMethod? { methods[path] }
}

/// One method, and its contract once somebody asks for it.
final class WebMethod {
    let descriptor: MethodDescriptor
    private let service: ServiceDescriptor

    /// What the contract says of the method.
    struct Contract {
        let transcoder: JSONTranscoder
        let input: MessageTable
        let output: MessageTable
        let hasNoSideEffects: Bool
    }

    lazy var contract: Contract = {
        let pool = GeneratedTypes.pool(of: service.file)
        guard let method = pool.method("\(service.fullName).\(descriptor.name)"), let types = pool.types(of: method)
        else {
            preconditionFailure("a generated file declares its methods: \(descriptor.path)")
        }
        return Contract(
            transcoder: JSONTranscoder(pool: pool), input: types.input, output: types.output,
            hasNoSideEffects: method.options?.idempotencyLevel == .noSideEffects)
    }()

    init(_ descriptor: MethodDescriptor, of service: ServiceDescriptor) {
        self.descriptor = descriptor
        self.service = service
    }

    var isStreaming: Bool {
        if case .unary = descriptor.kind { false } else { true }
    }

    /// Only what has no effects may be asked for by GET, which anybody repeats and caches.
    var takesGet: Bool { !isStreaming && descriptor.isIdempotent && contract.hasNoSideEffects }
}
