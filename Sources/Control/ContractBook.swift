internal import Descriptors
internal import MeshAPI

/// Why a contract cannot be taken.
struct ContractFault: Error {
    let message: String
}

/// One service's published contract, with what the mesh needs of it worked out.
struct PublishedContract {
    let service: String
    let version: String
    let message: WeftControlV1.Contract
    let methods: [WeftControlV1.Method]
}

/// Every service's contract. Contracts are compiled once, when they come, not when they are asked for.
struct ContractBook {
    /// A descriptor set larger than this is not a contract but an accident.
    static let maxDescriptorSetBytes = 8 << 20
    static let maxContracts = 1000

    private var byService: [String: PublishedContract] = [:]
    /// Where contracts are kept over a restart; nil keeps them in memory alone.
    private let store: ContractStore?

    init(store: ContractStore?) {
        self.store = store
        for message in store?.load() ?? [] {
            if let contract = try? ContractBook.compile(message) {
                byService[contract.service] = contract
            }
        }
    }

    var contracts: [PublishedContract] {
        byService.values.sorted { $0.service < $1.service }
    }

    mutating func publish(
        service: String, descriptorSet: [UInt8], rpcServices: [String]
    ) throws(ContractFault) -> (version: String, isNew: Bool) {
        guard descriptorSet.count <= Self.maxDescriptorSetBytes else {
            throw ContractFault(
                message:
                    "the descriptor set has \(descriptorSet.count) bytes; at most \(Self.maxDescriptorSetBytes) are taken"
            )
        }
        guard byService[service] != nil || byService.count < Self.maxContracts else {
            throw ContractFault(message: "there are \(Self.maxContracts) contracts already")
        }
        var message = WeftControlV1.Contract()
        message.service = service
        message.descriptorSet = descriptorSet
        message.rpcServices = rpcServices
        let contract = try Self.compile(message)
        if byService[service]?.version == contract.version {
            return (contract.version, false)
        }
        byService[service] = contract
        store?.save(message)
        return (contract.version, true)
    }

    private static func compile(_ message: WeftControlV1.Contract) throws(ContractFault) -> PublishedContract {
        let rules = try MethodRules(descriptorSet: message.descriptorSet)
        var methods: [WeftControlV1.Method] = []
        for name in message.rpcServices {
            methods += try rules.methods(of: name)
        }
        return PublishedContract(
            service: message.service, version: ContentHash.of(message.descriptorSet), message: message, methods: methods
        )
    }
}
