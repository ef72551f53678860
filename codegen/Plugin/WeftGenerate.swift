import Foundation
import PackagePlugin

/// Compiles a target's contracts when the target is built: Weft's own compiler runs, nothing is installed or downloaded.
///
/// Contracts are the `.proto` files in the target's folder, named from there. A file `weft.gen.json` in it says otherwise.
@main
struct WeftGenerate: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        guard let target = target as? any SourceModuleTarget else {
            throw Fault("\(target.name) holds no sources, so no code can be generated for it")
        }
        let folder = target.directoryURL
        let setup = try Setup(in: folder)
        let roots = setup.importPaths.map { folder.appending(path: $0).standardizedFileURL }
        let contracts = try setup.contracts.flatMap { try ContractList.expand($0, under: roots) }
        guard !contracts.isEmpty else {
            throw Fault("\(target.name) has no contracts: no .proto file under \(roots.map(\.path))")
        }
        let names = Array(Set(contracts.map(\.name))).sorted()
        let output = context.pluginWorkDirectoryURL.appending(path: "Contracts")
        // Weft's own contracts come last: google/api, weft/options and what else is imported from everywhere.
        let imports = roots + WeftGenerate.ownContracts(context.package)
        var arguments = ["--out", output.path, "--module", target.moduleName, "--visibility", setup.visibility]
        arguments += imports.flatMap { ["--import-path", $0.path] }
        arguments += setup.modules.sorted { $0.key < $1.key }.flatMap { ["--map", "\($0.key)=\($0.value)"] }
        if setup.views { arguments.append("--views") }
        if !setup.validation { arguments.append("--no-validation") }
        return [
            .buildCommand(
                displayName: "Compiling \(names.count) contracts of \(target.name)",
                executable: try context.tool(named: "weft-generate").url, arguments: arguments + names,
                inputFiles: ContractList.inputs(of: contracts, setup: setup.file, under: imports),
                outputFiles: ContractList.outputs(of: names, setup).map { output.appending(path: $0) })
        ]
    }

    /// The contracts that come with the package that this plugin is of.
    private static func ownContracts(_ package: Package) -> [URL] {
        let candidates = [package] + package.dependencies.map(\.package)
        return candidates.map { $0.directoryURL.appending(path: "proto") }.filter { folder in
            FileManager.default.fileExists(atPath: folder.appending(path: "weft/options/v1/options.proto").path)
        }
    }
}

/// Why there is no build command; SwiftPM shows it.
struct Fault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
