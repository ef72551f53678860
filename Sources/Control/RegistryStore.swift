internal import Logging
internal import MeshAPI
internal import ProtoWire

/// Keeps who is there in a file, so that a restart of the control plane takes no instance out.
///
/// Without it the first snapshot after a restart would be empty, and callers would find nobody until each member had
/// registered again. Leases are not kept: they are secrets, and a member whose lease is unknown registers again.
struct RegistryStore {
    private let file: StateFile

    init(_ file: StateFile) {
        self.file = file
    }

    /// What was saved last; nothing if it cannot be read.
    func load() -> [WeftControlV1.Service] {
        guard let bytes = file.load() else { return [] }
        do {
            return try WeftControlV1.Snapshot(decoding: bytes).services
        } catch {
            file.log.error("who was there cannot be read; members register again", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// What cannot be kept still serves until the restart, and the log says it.
    func save(_ snapshot: WeftControlV1.Snapshot) {
        _ = file.save(snapshot.encoded())
    }
}
