internal import MeshAPI
internal import ProtoWire
internal import ServiceKit

/// Keeps who is there in a file, so that a restart of the control plane takes no instance out.
///
/// Without it the first snapshot after a restart would be empty, and callers would find nobody until each member had
/// registered again. Leases are not kept: they are secrets, and a member whose lease is unknown registers again.
struct RegistryStore {
    private let file: String
    private let files: any FileStore

    init(file: String, in files: any FileStore = SystemFiles()) {
        self.file = file
        self.files = files
    }

    /// What was saved last; nothing if it cannot be read.
    func load() -> [WeftControlV1.Service] {
        guard let bytes = try? files.read(file), let snapshot = try? WeftControlV1.Snapshot(decoding: bytes) else {
            return []
        }
        return snapshot.services
    }

    func save(_ snapshot: WeftControlV1.Snapshot) {
        // What cannot be kept still serves until the restart; the folder was writable at start.
        try? files.write(snapshot.encoded(), to: file, mode: 0o600)
    }
}
