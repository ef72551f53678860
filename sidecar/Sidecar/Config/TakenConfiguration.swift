import MeshPolicy

/// Which version of the configuration is in force, and why a later one is not.
struct TakenConfiguration {
    /// The version that the sidecar goes by as a whole; empty before the first.
    private(set) var version = ""
    private(set) var refusedVersion = ""
    private(set) var refusedBecause: [PolicyFault] = []

    mutating func note(_ version: String, _ faults: [PolicyFault]) {
        if faults.isEmpty {
            self.version = version
            refusedVersion = ""
        } else {
            refusedVersion = version
        }
        refusedBecause = faults
    }
}
