internal import MeshAPI
internal import ProtoWire
internal import ServiceKit

/// Keeps contracts in a folder, a file a service, so that a restart of the control plane forgets none.
struct ContractStore {
    private let folder: String
    private let files: any FileStore

    init(folder: String, in files: any FileStore = SystemFiles()) {
        self.folder = folder
        self.files = files
    }

    /// Every contract that can be read. One that cannot is passed over: its service publishes it again within half a minute.
    func load() -> [WeftControlV1.Contract] {
        files.list(folder).filter { $0.hasSuffix(".contract") }.sorted().compactMap { name in
            guard let bytes = try? files.read("\(folder)/\(name)", limit: ContractBook.maxDescriptorSetBytes * 2) else {
                return nil
            }
            return try? WeftControlV1.Contract(decoding: bytes)
        }
    }

    func save(_ contract: WeftControlV1.Contract) {
        // A contract that cannot be kept still serves until the restart; the folder was writable at start.
        try? files.write(contract.encoded(), to: "\(folder)/\(contract.service).contract", mode: 0o644)
    }
}
