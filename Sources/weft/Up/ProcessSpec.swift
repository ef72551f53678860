/// One process that the supervisor keeps alive.
struct ProcessSpec {
    /// How to tell that the process can take work.
    enum Probe: Equatable {
        /// `GET /ready` at this address answers 200.
        case ready(address: String)
        /// The program runs: nothing more is known of it.
        case none
    }

    /// Unique in the mesh: `course-1`, `course-1/sidecar`.
    let name: String
    let program: String
    let arguments: [String]
    /// Added to the supervisor's own environment.
    var environment: [String: String]
    let probe: Probe
    /// What the table shows: `127.0.0.1:4143`, `unix:.weft/run/course-1.sock`.
    let address: String
    /// The names of processes that must be ready before this one starts.
    let needs: [String]
}
