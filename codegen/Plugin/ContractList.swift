import Foundation

/// Contracts as the plugin sees them: names and places. What is in them the compiler reads, later.
enum ContractList {
    struct Contract {
        /// As imports name it.
        let name: String
        let place: URL
    }

    /// What one entry of the setup stands for.
    static func expand(_ input: String, under roots: [URL]) throws -> [Contract] {
        var found: [Contract] = []
        for root in roots {
            let place = input == "." ? root : root.appending(path: input)
            if input.hasSuffix(".proto") {
                guard FileManager.default.fileExists(atPath: place.path) else { continue }
                return [Contract(name: input, place: place)]
            }
            let prefix = input == "." ? "" : input.hasSuffix("/") ? input : input + "/"
            found += contracts(below: place).map { name in
                Contract(name: prefix + name, place: place.appending(path: name))
            }
        }
        guard !found.isEmpty else {
            throw Fault("there are no contracts in '\(input)' under \(roots.map(\.path).joined(separator: ", "))")
        }
        return found
    }

    private static func contracts(below folder: URL) -> [String] {
        let names = FileManager.default.enumerator(atPath: folder.resolvingSymlinksInPath().path)
        return names?.compactMap { $0 as? String }.filter { $0.hasSuffix(".proto") }.sorted() ?? []
    }

    /// What the compiler will write: the rule is that of `DeclaredNames` in codegen/Generate, which a plugin cannot import.
    static func outputs(of names: [String], _ setup: Setup) -> [String] {
        let suffixes = [".pb.swift", ".rpc.swift"] + (setup.validation ? [".validate.swift"] : [])
        return names.flatMap { name in
            let stem = name.dropLast(6).split(separator: "/").map { part in
                part.split(separator: ".", omittingEmptySubsequences: false).joined(separator: "..")
            }.joined(separator: ".")
            return suffixes.map { stem + $0 }
        } + ["packages.swift"]
    }

    /// What the outputs depend on: the contracts, and all that they import, directly or not. A change of any runs the
    /// compiler again.
    static func inputs(of contracts: [Contract], setup: URL?, under roots: [URL]) -> [URL] {
        var seen: Set<URL> = []
        var waiting = contracts.map(\.place)
        // Each file is read once, so the walk ends with the last of them.
        while let next = waiting.popLast() {
            guard seen.insert(next).inserted else { continue }
            let text = FileManager.default.contents(atPath: next.path).map { String(decoding: $0, as: UTF8.self) } ?? ""
            for name in imports(in: text) {
                let places = roots.map { $0.appending(path: name) }
                guard let place = places.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
                    continue
                }
                waiting.append(place)
            }
        }
        return (setup.map { [$0] } ?? []) + seen.sorted { $0.path < $1.path }
    }

    /// The paths in import statements. A statement in a comment counts too: an input too many costs a run, one too few a
    /// stale build.
    static func imports(in text: String) -> [String] {
        let statement = #/import\s+(?:(?:public|weak|option)\s+)?["']([^"'\n]+)["']/#
        return text.matches(of: statement).map { String($0.1) }
    }
}
