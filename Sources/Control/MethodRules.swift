internal import Descriptors
internal import MeshAPI
internal import ProtoWire
internal import Timebase
internal import WellKnown

/// Reads out of a contract what each method asks of the mesh (`weft.options.v1`, DESIGN §5).
struct MethodRules {
    private let pool: DescriptorPool

    init(descriptorSet: [UInt8]) throws(ContractFault) {
        do {
            pool = try DescriptorPool(try FileDescriptorSet(decoding: descriptorSet))
        } catch {
            throw ContractFault(message: "the descriptor set cannot be read: \(error)")
        }
    }

    /// Every method of an RPC service, with its rules worked out.
    func methods(of rpcService: String) throws(ContractFault) -> [WeftControlV1.Method] {
        guard let service = pool.service(rpcService) else {
            throw ContractFault(message: "the descriptor set has no service '\(rpcService)'")
        }
        let defaults: WeftOptionsV1.MethodRules?
        do {
            defaults = try service.options?.value(of: WeftOptionsV1.service)?.defaultRules
        } catch {
            throw ContractFault(message: "the options of '\(rpcService)' cannot be read: \(error)")
        }
        var methods: [WeftControlV1.Method] = []
        for method in service.method {
            methods.append(try rules(of: method, named: "\(rpcService)/\(method.name ?? "")", defaults: defaults))
        }
        return methods
    }

    private func rules(
        of method: MethodDescriptorProto, named fullName: String, defaults: WeftOptionsV1.MethodRules?
    ) throws(ContractFault) -> WeftControlV1.Method {
        let own: WeftOptionsV1.MethodRules?
        do {
            own = try method.options?.value(of: WeftOptionsV1.method)
        } catch {
            throw ContractFault(message: "the options of '\(fullName)' cannot be read: \(error)")
        }
        var result = WeftControlV1.Method()
        result.fullName = fullName
        result.timeoutMs = try milliseconds(own?.timeout, or: defaults?.timeout, of: fullName)
        result.attemptTimeoutMs = try milliseconds(own?.attemptTimeout, or: defaults?.attemptTimeout, of: fullName)
        let level = method.options?.idempotencyLevel
        result.idempotent = level == .noSideEffects || level == .idempotent
        result.withoutSideEffects = level == .noSideEffects
        result.answersOnce = !(method.serverStreaming ?? false)
        let bulkhead = own?.bulkhead ?? defaults?.bulkhead
        result.maxInFlight = bulkhead?.maxInFlight ?? 0
        result.maxQueue = bulkhead?.maxQueue ?? 0
        result.roles = own?.auth?.roles ?? defaults?.auth?.roles ?? []
        return result
    }

    private func milliseconds(_ own: String?, or fallback: String?, of method: String) throws(ContractFault) -> Int64 {
        let text = own.flatMap { $0.isEmpty ? nil : $0 } ?? fallback ?? ""
        guard !text.isEmpty else { return 0 }
        guard let duration = Duration(text: text) else {
            throw ContractFault(message: "'\(text)' of '\(method)' is not a duration such as 800ms or 2s")
        }
        return duration.clampedNanoseconds / 1_000_000
    }
}
