import Descriptors
import MeshAPI
import ProtoWire
import RPC

/// Learns a server's contract by reflection (grpc.reflection.v1, then v1alpha).
struct ReflectionSource {
    let channel: Channel
    let timeout: Duration

    /// Every file that the server's services need.
    func files() async throws -> [FileDescriptorProto] {
        do {
            return try await ask()
        } catch let error as RPCError where error.code == .unimplemented {
            throw Fault.call(
                "the server offers no reflection; give its contract with --proto", code: error.code.rawValue)
        } catch let error as RPCError {
            throw Fault.call("reflection failed: \(error.code): \(error.message)", code: error.code.rawValue)
        }
    }

    private func ask() async throws -> [FileDescriptorProto] {
        let client = GrpcReflectionV1.ServerReflectionClient(channel)
        return try await client.serverReflectionInfo(options: CallOptions(timeout: timeout)) { requests, replies in
            let iterator = replies.makeAsyncIterator()
            var request = GrpcReflectionV1.ServerReflectionRequest()
            request.messageRequest = .listServices("*")
            try await requests.write(request)
            var services: [String] = []
            if case .listServicesResponse(let list)? = try await iterator.next()?.messageResponse {
                services = list.service.map(\.name)
            }
            var files: [String: FileDescriptorProto] = [:]
            for service in services {
                request.messageRequest = .fileContainingSymbol(service)
                try await requests.write(request)
                guard case .fileDescriptorResponse(let found)? = try await iterator.next()?.messageResponse else {
                    continue
                }
                for bytes in found.fileDescriptorProto {
                    let file = try FileDescriptorProto(decoding: bytes)
                    files[file.name ?? ""] = file
                }
            }
            return files.values.sorted { ($0.name ?? "") < ($1.name ?? "") }
        }
    }
}
