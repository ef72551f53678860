import ArgumentParser
import Foundation

/// Where the contract comes from, and who is called: the running mesh, a server by reflection, or files.
struct SourceOptions: ParsableArguments, Sendable {
    @Option(help: "Call this server directly (HOST:PORT or unix:PATH) and learn its contract by reflection.")
    var address: String?

    @Option(help: "Read the contract from this .proto file instead of asking for it; repeat for more.")
    var proto: [String] = []

    @Option(
        name: [.customShort("I"), .customLong("import-path")], help: "Where imports of --proto files are looked for.")
    var importPaths: [String] = ["proto", "."]

    @Option(help: "The state folder of the running mesh.")
    var state = ".weft"

    @Option(
        name: .customLong("as"), help: "Call with a mesh identity of this service's own: join, then mTLS, no sidecar.")
    var identity: String?

    @Option(help: "Give up after this long: 500ms, 5s, 1m.")
    var timeout = "15s"
}

/// What `weft up` wrote down about the mesh that runs.
struct RunningMesh: Decodable {
    let sidecar: String
    let control: String
    let edge: String
    let roots: String
    let trustDomain: String
    let namespace: String
    let joinTokens: String

    /// Reads `mesh.json` in the state folder.
    static func load(_ state: String) throws -> RunningMesh {
        let path = "\(state)/mesh.json"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Fault.failed(
                "no mesh runs here: \(path) is not there\n  start one with 'weft up', or name a server with --address")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(RunningMesh.self, from: data)
        } catch {
            throw Fault.failed("\(path) cannot be read: \(error)")
        }
    }

    /// The join token of a service.
    func token(of service: String) throws -> String {
        let text = (try? String(contentsOfFile: joinTokens, encoding: .utf8)) ?? ""
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == service { return String(words[1]) }
        }
        throw Fault.usage("'\(service)' has no join token in \(joinTokens)")
    }
}
