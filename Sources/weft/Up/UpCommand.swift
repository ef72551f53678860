import ArgumentParser
import Foundation
import PrivateCluster
import Reactor

/// `weft up`: the whole mesh on this machine, until Ctrl-C.
struct UpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Bring the whole mesh up on this machine, and keep it up until Ctrl-C.")

    /// Where a mesh's file lies if nothing says so: beside the work, or among the manifests, whose config map it is too.
    private static let places = ["mesh.yaml", "k8s/mesh.yaml"]

    @Option(name: .shortAndLong, help: "The mesh to bring up. (default: mesh.yaml or k8s/mesh.yaml)")
    var file: String?

    @Flag(help: "Print the plan as a table and start nothing.")
    var plan = false

    func run() throws {
        let file = file ?? Self.places.first { FileManager.default.fileExists(atPath: $0) } ?? Self.places[0]
        let text: String
        do {
            text = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw Fault.usage("cannot read \(file): \((error as NSError).localizedDescription)")
        }
        let mesh: MeshFile
        do {
            mesh = try MeshFile(text: text, path: file)
        } catch {
            throw Fault.usage(error.lines.joined(separator: "\n"))
        }
        try UpSession(mesh: mesh, showsPlanOnly: plan).run()
    }
}
