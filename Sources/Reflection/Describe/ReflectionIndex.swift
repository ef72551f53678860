import Descriptors
import MeshAPI
import ProtoWire

/// What reflection answers, from the descriptors that travel with generated code.
struct ReflectionIndex: Sendable {
    let services: [String]
    private var files: [String: GeneratedFile] = [:]
    private var fileOfSymbol: [String: String] = [:]
    private var messages: Set<String> = []
    /// By extended type, then by number: the file.
    private var fileOfExtension: [String: [Int32: String]] = [:]

    init(_ descriptors: [ServiceDescriptor]) {
        services = descriptors.map(\.fullName).sorted()
        for descriptor in descriptors { add(descriptor.file) }
    }

    private mutating func add(_ file: GeneratedFile) {
        guard files[file.name] == nil else { return }
        files[file.name] = file
        for dependency in file.dependencies { add(dependency) }
        guard let parsed = try? FileDescriptorProto(decoding: file.descriptorBytes()) else { return }
        let package = parsed.package ?? ""
        for message in parsed.messageType { add(message, in: package, file.name) }
        for enumeration in parsed.enumType { add(enumeration, in: package, file.name) }
        for field in parsed.extension { add(field, in: package, file.name) }
        for service in parsed.service {
            let name = ReflectionIndex.join(package, service.name)
            fileOfSymbol[name] = file.name
            for method in service.method { fileOfSymbol[ReflectionIndex.join(name, method.name)] = file.name }
        }
    }

    private mutating func add(_ message: DescriptorProto, in scope: String, _ file: String) {
        let name = ReflectionIndex.join(scope, message.name)
        fileOfSymbol[name] = file
        messages.insert(name)
        for nested in message.nestedType { add(nested, in: name, file) }
        for nested in message.enumType { add(nested, in: name, file) }
        for field in message.field { fileOfSymbol[ReflectionIndex.join(name, field.name)] = file }
        for oneof in message.oneofDecl { fileOfSymbol[ReflectionIndex.join(name, oneof.name)] = file }
        for field in message.extension { add(field, in: name, file) }
    }

    private mutating func add(_ enumeration: EnumDescriptorProto, in scope: String, _ file: String) {
        fileOfSymbol[ReflectionIndex.join(scope, enumeration.name)] = file
        // Values are siblings of their enum.
        for value in enumeration.value { fileOfSymbol[ReflectionIndex.join(scope, value.name)] = file }
    }

    private mutating func add(_ field: FieldDescriptorProto, in scope: String, _ file: String) {
        fileOfSymbol[ReflectionIndex.join(scope, field.name)] = file
        let extendee = (field.extendee ?? "").drop { $0 == "." }
        fileOfExtension[String(extendee), default: [:]][field.number ?? 0] = file
    }

    private static func join(_ scope: String, _ name: String?) -> String {
        scope.isEmpty ? name ?? "" : "\(scope).\(name ?? "")"
    }

    // MARK: Answers

    func answer(
        to request: GrpcReflectionV1.ServerReflectionRequest, alreadySent: inout Set<String>
    ) -> GrpcReflectionV1.ServerReflectionResponse {
        var response = GrpcReflectionV1.ServerReflectionResponse()
        response.validHost = request.host
        response.originalRequest = request
        response.messageResponse =
            switch request.messageRequest {
            case .listServices: .listServicesResponse(list)
            case .fileByFilename(let name): files(from: name, "the file '\(name)'", &alreadySent)
            case .fileContainingSymbol(let symbol):
                files(from: fileOfSymbol[symbol], "the symbol '\(symbol)'", &alreadySent)
            case .fileContainingExtension(let asked):
                files(
                    from: fileOfExtension[asked.containingType]?[asked.extensionNumber],
                    "the extension \(asked.extensionNumber) of '\(asked.containingType)'", &alreadySent)
            case .allExtensionNumbersOfType(let type): extensions(of: type)
            case nil: ReflectionIndex.error(.invalidArgument, "the request asks for nothing")
            }
        return response
    }

    private var list: GrpcReflectionV1.ListServiceResponse {
        var list = GrpcReflectionV1.ListServiceResponse()
        list.service = services.map { name in
            var service = GrpcReflectionV1.ServiceResponse()
            service.name = name
            return service
        }
        return list
    }

    /// The file and what it imports, but for files that this stream was sent already.
    private func files(
        from name: String?, _ subject: String, _ sent: inout Set<String>
    ) -> GrpcReflectionV1.ServerReflectionResponse.MessageResponse {
        guard let name, let file = files[name] else {
            return ReflectionIndex.error(.notFound, "\(subject) is not known here")
        }
        var response = GrpcReflectionV1.FileDescriptorResponse()
        // What was asked for comes, even if it came before.
        sent.remove(name)
        collect(file, &sent, into: &response.fileDescriptorProto)
        return .fileDescriptorResponse(response)
    }

    private func collect(_ file: GeneratedFile, _ sent: inout Set<String>, into list: inout [[UInt8]]) {
        guard sent.insert(file.name).inserted else { return }
        list.append(file.descriptorBytes())
        for dependency in file.dependencies { collect(dependency, &sent, into: &list) }
    }

    private func extensions(of type: String) -> GrpcReflectionV1.ServerReflectionResponse.MessageResponse {
        guard messages.contains(type) else {
            return ReflectionIndex.error(.notFound, "the type '\(type)' is not known here")
        }
        var response = GrpcReflectionV1.ExtensionNumberResponse()
        response.baseTypeName = type
        response.extensionNumber = (fileOfExtension[type] ?? [:]).keys.sorted()
        return .allExtensionNumbersResponse(response)
    }

    private enum Code: Int32 {
        case invalidArgument = 3
        case notFound = 5
    }

    private static func error(
        _ code: Code, _ message: String
    ) -> GrpcReflectionV1.ServerReflectionResponse.MessageResponse {
        var error = GrpcReflectionV1.ErrorResponse()
        error.errorCode = code.rawValue
        error.errorMessage = message
        return .errorResponse(error)
    }
}
