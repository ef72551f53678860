import Descriptors
import ProtoCheck

/// Which packages import which, and by which statements.
struct PackageGraph {
    /// The import statements by importing and imported package; files without a package are not in it.
    private var imports: [String: [String: [ElementPlace]]] = [:]

    init(of contract: Contract) {
        for file in contract.files where !file.package.isEmpty {
            for (index, path) in file.proto.dependency.enumerated() {
                guard let imported = contract.file(path), !imported.package.isEmpty, imported.package != file.package
                else { continue }
                let place = ElementPlace(file: file.name, path: [3, Int32(index)])
                imports[file.package, default: [:]][imported.package, default: []].append(place)
            }
        }
    }

    /// Each import that leads back to its own package is reported where it stands.
    func reportCycles(_ run: inout LintRun) {
        let checked = Set(run.files.map(\.name))
        for (package, direct) in imports {
            for (next, places) in direct {
                guard let way = way(from: next, to: package) else { continue }
                let circle = ([package] + way).joined(separator: " -> ")
                for place in places where checked.contains(place.file) {
                    run.report(
                        "packages import each other in a circle: \(circle)", at: place,
                        help: "move what both need into a package of its own")
                }
            }
        }
    }

    /// The shortest way along imports, both ends included; each package is visited once.
    private func way(from start: String, to end: String) -> [String]? {
        var cameFrom: [String: String] = [start: ""]
        var waiting = [start][...]
        while let package = waiting.popFirst() {
            if package == end {
                var way = [package]
                while let before = cameFrom[way[0]], !before.isEmpty { way.insert(before, at: 0) }
                return way
            }
            for next in (imports[package] ?? [:]).keys.sorted() where cameFrom[next] == nil {
                cameFrom[next] = package
                waiting.append(next)
            }
        }
        return nil
    }
}
