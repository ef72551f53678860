import Descriptors
import Foundation
import Generate
import ProtoCheck
import ProtoResolve
import ProtoSyntax

/// The contracts that a check is about: which files, where their imports are looked for, and whose settings they have.
struct CheckedContracts {
    /// A folder that imports are relative to, and the files in it that are asked about.
    struct Group {
        let module: CheckFile.Module
        /// From the folder that the command runs in.
        let root: String
        /// As imports name them.
        let names: [String]
    }

    let groups: [Group]
    let roots: [String]

    var names: [String] { groups.flatMap(\.names) }

    /// Finds the files: those that were named, or all of the configuration's modules.
    ///
    /// - Parameters:
    ///   - inputs: files and folders on disk; none means everything.
    ///   - importPaths: in place of the modules' folders.
    static func find(
        _ inputs: [String], importPaths: [String], config: CheckConfig
    ) throws(ConfigurationFault) -> CheckedContracts {
        let modules = modules(inputs, importPaths, config)
        let roots = modules.map(\.root) + importPaths.filter { path in !modules.contains { $0.root == plain(path) } }
        var groups: [Group] = []
        var asked = Set(inputs)
        for (module, root) in modules {
            var names: [String] = []
            for name in contracts(under: root) where isIncluded(name, in: module) {
                let path = root == "." ? name : "\(root)/\(name)"
                // A file of a module within this one is that module's.
                guard
                    !modules.contains(where: { isInside(path, $0.root) && isInside($0.root, root) && $0.root != root })
                else { continue }
                guard inputs.isEmpty || inputs.contains(where: { Ignores.path(plain($0), contains: path) }) else {
                    continue
                }
                for input in inputs where Ignores.path(plain(input), contains: path) { asked.remove(input) }
                names.append(name)
            }
            groups.append(Group(module: module, root: root, names: names))
        }
        for input in inputs where asked.contains(input) {
            let exists = FileManager.default.fileExists(atPath: input)
            throw ConfigurationFault(
                exists
                    ? "there are no contracts in '\(input)' under \(roots.joined(separator: ", "))"
                    : "there is no '\(input)'")
        }
        guard groups.contains(where: { !$0.names.isEmpty }) else {
            throw ConfigurationFault("there are no contracts under \(roots.joined(separator: ", "))")
        }
        return CheckedContracts(groups: groups, roots: roots)
    }

    /// Compiles them and what they import; a fault ends the command.
    func compile() -> (files: [FileDescriptorProto], report: Report) {
        var options = Compiler.Options()
        options.diagnosticLimit = CheckedContracts.mostDiagnostics
        return Compiler(options: options) { ContractFiles.read($0, under: roots) }.compile(names)
    }

    /// Warnings are among them, and each unused import has one that a rule asks for.
    private static let mostDiagnostics = 100_000

    /// Where a file lies on disk, for whoever opens it: the first root that has it.
    func path(of name: String) -> String {
        for root in roots where FileManager.default.fileExists(atPath: "\(root)/\(name)") {
            return root == "." ? name : "\(root)/\(name)"
        }
        return name
    }

    /// Findings and sources under their paths on disk.
    func onDisk(_ findings: [Finding], _ report: Report) -> (findings: [Finding], report: Report) {
        var placed = Report()
        for source in report.sources { _ = placed.add(Source(path: path(of: source.path), bytes: source.bytes)) }
        let moved = findings.map { finding in
            var finding = finding
            finding.file = finding.file.map(path)
            return finding
        }
        return (moved, placed)
    }

    // MARK: - Finding

    private static func modules(
        _ inputs: [String], _ importPaths: [String], _ config: CheckConfig
    ) -> [(module: CheckFile.Module, root: String)] {
        if !importPaths.isEmpty {
            // Settings speak of paths below the configuration, so the module is where the import path lies from there.
            return importPaths.map { (CheckFile.Module(path: plain($0)), plain($0)) }
        }
        if config.path != nil {
            return config.file.modules.map { ($0, plain(config.placed($0.path))) }
        }
        let standard = ["proto"].filter { FileManager.default.fileExists(atPath: $0) }
        guard !inputs.isEmpty else {
            return (standard.isEmpty ? ["."] : standard).map { (CheckFile.Module(path: $0), $0) }
        }
        // Without any word about it, a folder is what its imports are relative to, but what lies in `proto` is not.
        var roots: [String] = []
        for input in inputs.map(plain) {
            let folder = input.hasSuffix(".proto") ? (input as NSString).deletingLastPathComponent : input
            let root = standard.first { isInside(input, $0) } ?? (folder.isEmpty ? "." : folder)
            if !roots.contains(root) { roots.append(root) }
        }
        return roots.map { (CheckFile.Module(path: $0), $0) }
    }

    private static func contracts(under root: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return names.filter { name in
            // Build products and version control hold copies of contracts.
            name.hasSuffix(".proto") && !name.hasPrefix(".") && !name.contains("/.")
        }.sorted()
    }

    private static func isIncluded(_ name: String, in module: CheckFile.Module) -> Bool {
        func covers(_ paths: [String]) -> Bool {
            paths.compactMap(module.importName).contains { Ignores.path($0, contains: name) }
        }
        return (module.includes.isEmpty || covers(module.includes)) && !covers(module.excludes)
    }

    private static func isInside(_ path: String, _ folder: String) -> Bool {
        folder == "." || path == folder || path.hasPrefix(folder + "/")
    }

    private static func plain(_ path: String) -> String {
        var path = path[...]
        while path.hasPrefix("./"), path.count > 2 { path = path.dropFirst(2) }
        while path.hasSuffix("/"), path.count > 1 { path = path.dropLast() }
        return String(path)
    }
}
