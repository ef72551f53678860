import Descriptors
import WellKnown
import ProtoWire
import Timebase

/// The contract of a service of a town, as its publisher tells it to the control plane.
extension TownService {
    var descriptorSet: [UInt8] { contract ?? madeContract }

    /// Full names of the RPC services, each once.
    var rpcServices: [String] {
        var names: [String] = []
        for method in methods where !names.contains(method.service) { names.append(method.service) }
        return names
    }

    /// A file for each RPC service: one empty message, and the methods with what they ask of the mesh.
    private var madeContract: [UInt8] {
        var set = FileDescriptorSet()
        for full in rpcServices {
            let package = full.split(separator: ".").dropLast().joined(separator: ".")
            var file = FileDescriptorProto()
            file.name = full + ".proto"
            file.package = package
            file.syntax = "proto3"
            var message = DescriptorProto()
            message.name = "Message"
            file.messageType = [message]
            var service = ServiceDescriptorProto()
            service.name = full.split(separator: ".").last.map(String.init)
            for method in methods where method.service == full {
                service.method.append(descriptor(of: method, message: ".\(package).Message"))
            }
            file.service = [service]
            set.file.append(file)
        }
        return set.encoded()
    }

    private func descriptor(of method: TownMethod, message: String) -> MethodDescriptorProto {
        var made = MethodDescriptorProto()
        made.name = method.ownName
        made.inputType = message
        made.outputType = message
        var rules = WeftOptionsV1.MethodRules()
        rules.timeout = method.timeout.map(\.contractText) ?? ""
        if method.maxInFlight != nil || method.maxQueue != nil {
            var bulkhead = WeftOptionsV1.Bulkhead()
            bulkhead.maxInFlight = UInt32(method.maxInFlight ?? 100)
            bulkhead.maxQueue = UInt32(method.maxQueue ?? 0)
            rules.bulkhead = bulkhead
        }
        var writer = WireWriter()
        writer.bytes(rules.encoded(), tag: TownService.methodRulesTag)
        var options = (try? MethodOptions(decoding: writer.array())) ?? MethodOptions()
        if method.isIdempotent { options.idempotencyLevel = .idempotent }
        made.options = options
        return made
    }

    /// Field 51801 of google.protobuf.MethodOptions, length-delimited.
    private static let methodRulesTag: UInt32 = 51801 << 3 | 2
}

extension Duration {
    /// As contracts and settings write it: `1500ms`.
    var contractText: String { "\(clampedNanoseconds / 1_000_000)ms" }
}
