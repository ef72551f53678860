import ArgumentParser
import Foundation
import Glibc
import MeshPolicy
import MeshSimulation

/// `weft simulate`: what would become of a mesh, told without starting it.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Tell how a mesh would fare while services fail, are slow or die. Nothing is started.",
        discussion: """
            The sidecars, the control plane and the network of mesh.yaml run in this process, on virtual time, with the
            contracts of the project and the policies of the file; applications are stand-ins that answer as they are told.
            Every method that is not a stream is called by the edge, unless --calls says who calls what:

              weft simulate --fail progress=30% --calls course=progress
              weft simulate --slow course=200ms --kill progress-1@10s --for 30s --rps 50
              weft simulate --fail progress=100% --calls course=progress --policy stricter.yaml

            The same seed gives the same table. Exit codes: 0 told, 1 an invariant of the mesh broke (which is a bug of
            Weft's), 2 what was asked is wrong.
            """)

    @Argument(help: "The mesh. (default: mesh.yaml or k8s/mesh.yaml)")
    var file: String?

    @Option(help: "A service or a replica fails this share of its calls with UNAVAILABLE: orders=30%, orders-1=100%.")
    var fail: [String] = []

    @Option(help: "A service or a replica takes so much longer for each call: course=200ms.")
    var slow: [String] = []

    @Option(
        help: "A replica dies, with its sidecar, and is back after a second, or as long as said: progress-1@10s+30s.")
    var kill: [String] = []

    @Option(help: "Every call of the first service makes one of the second: course=progress. The edge calls the first.")
    var calls: [String] = []

    @Option(name: .customLong("for"), help: "How long the edge calls, in simulated time: 30s, 5m (at most 10m).")
    var spread = "60s"

    @Option(help: "Calls a second that the edge makes, of all methods together.")
    var rps = 100

    @Option(help: "The deadline of the edge's calls.")
    var timeout = "2s"

    @Option(help: "Decides everything that chance decides.")
    var seed: UInt64 = 1

    @Option(help: "Run it once more with these policies in the place of the file's, and show both.")
    var policy: String?

    @Option(
        name: [.customShort("I"), .customLong("import-path")], help: "Where the contracts are, and their imports.")
    var importPaths: [String] = ["proto"]

    func run() throws {
        try SimulateCommand.fixHashes()
        let plan = try SimulatePlan(self)
        var results = [try plan.run(plan.mesh.policies)]
        if let policy {
            let document = try YAMLDocument.read(file: policy)
            results.append(try plan.run(try Policies.read(document, file: policy)))
        }
        print(SimulateTable(plan, results, other: policy).text, terminator: "")
    }

    /// Swift seeds the hashes of each process by chance, and what walks a dictionary would do so in another order each time:
    /// the command begins again with them fixed.
    private static func fixHashes() throws {
        let name = "SWIFT_DETERMINISTIC_HASHING"
        guard getenv(name) == nil else { return }
        setenv(name, "1", 1)
        var arguments = CommandLine.arguments.map { strdup($0) }
        arguments.append(nil)
        execv("/proc/self/exe", arguments)
        // It is not there in some sandboxes: the table is as good, but the next one with this seed may differ.
    }
}
