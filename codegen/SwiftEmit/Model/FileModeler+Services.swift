import Descriptors

extension FileModeler {
    mutating func model(
        _ service: ServiceDescriptorProto, under scope: String, at path: [Int32]
    ) throws(EmitError) -> SwiftService {
        let fullName = scope + "." + (service.name ?? "")
        var methodScope = NameScope(taken: ["init", "self"])
        var methods: [SwiftService.Method] = []
        for (index, method) in service.method.enumerated() {
            let level = method.options?.idempotencyLevel
            methods.append(
                SwiftService.Method(
                    name: Naming.escaped(methodScope.claim(Naming.lowerCamel(method.name ?? ""))),
                    contractName: method.name ?? "", input: try resolve(method.inputType).qualified,
                    output: try resolve(method.outputType).qualified,
                    isClientStreaming: method.clientStreaming ?? false,
                    isServerStreaming: method.serverStreaming ?? false,
                    isIdempotent: level == .noSideEffects || level == .idempotent,
                    comment: deprecated(comments.at(path + [2, Int32(index)]), method.options?.deprecated)))
        }
        return SwiftService(
            name: symbols[fullName]?.name ?? "", clientName: symbols[Symbols.stub(of: fullName)]?.name ?? "",
            descriptorName: Naming.lowerCamel(service.name ?? "") + "Descriptor",
            fullName: String(fullName.dropFirst()),
            comment: deprecated(comments.at(path), service.options?.deprecated), methods: methods)
    }
}
