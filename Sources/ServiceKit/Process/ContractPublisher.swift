internal import Descriptors
package import Logging
internal import MeshAPI
internal import ProtoWire
package import RPC
package import Reactor

/// Tells the control plane what the service offers: at its start, and again now and then, so that a control plane that lost
/// its memory learns it again.
package struct ContractPublisher: Sendable {
    let service: String
    let contract: Contract
    let channel: Channel
    let loop: Loop
    let log: Logger

    /// What a service offers.
    package struct Contract: Sendable {
        /// A FileDescriptorSet of every file that the services need, dependencies first.
        package let descriptorSet: [UInt8]
        /// Full names.
        package let rpcServices: [String]

        package init(descriptorSet: [UInt8], rpcServices: [String]) {
            self.descriptorSet = descriptorSet
            self.rpcServices = rpcServices
        }
    }

    package init(service: String, contract: Contract, channel: Channel, loop: Loop, log: Logger) {
        self.service = service
        self.contract = contract
        self.channel = channel
        self.loop = loop
        self.log = log
    }

    private static let pauseAfterFailure = Duration.milliseconds(500)
    private static let pauseAfterSuccess = Duration.seconds(30)

    package func run() async {
        let client = WeftControlV1.ContractsClient(channel)
        var request = WeftControlV1.PublishRequest()
        request.service = service
        request.descriptorSet = contract.descriptorSet
        request.rpcServices = contract.rpcServices
        var known = ""
        while !Task.isCancelled {
            var pause = Self.pauseAfterSuccess
            do {
                let version = try await client.publish(request, options: CallOptions(timeout: .seconds(5))).version
                if version != known {
                    known = version
                    log.info("the contract was published", metadata: ["version": "\(version)"])
                }
            } catch let error as RPCError where error.code == .invalidArgument || error.code == .permissionDenied {
                log.error("the contract was refused", metadata: ["error": "\(error)"])
            } catch {
                log.debug("the contract could not be published yet", metadata: ["error": "\(error)"])
                pause = Self.pauseAfterFailure
            }
            try? await loop.sleep(for: pause)
        }
    }

}

extension ContractPublisher.Contract {
    init(of descriptors: [ServiceDescriptor]) {
        var files: [GeneratedFile] = []
        var seen: Set<String> = []
        func add(_ file: GeneratedFile) {
            guard seen.insert(file.name).inserted else { return }
            file.dependencies.forEach(add)
            files.append(file)
        }
        descriptors.forEach { add($0.file) }
        var writer = WireWriter()
        for file in files.reversed() {
            writer.bytes(file.descriptorBytes(), tag: 10)
        }
        self.init(descriptorSet: writer.array(), rpcServices: descriptors.map(\.fullName))
    }
}
