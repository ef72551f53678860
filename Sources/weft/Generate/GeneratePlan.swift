import SwiftEmit

/// What `weft generate` will do: which contracts become which module's code, and where it is put.
struct GeneratePlan: Equatable {
    /// One module's worth of generated code.
    struct Target: Equatable {
        /// The Swift module that the code is for; nil if no other target of the plan uses it.
        var module: String?
        /// Where the files go. Weft owns what it wrote there and nothing else.
        var outputDirectory: String
        /// Contracts as imports name them: files, `learn/course/v1/course.proto`, or folders, `learn`.
        var inputs: [String]
        /// Whether messages get a `View`.
        var views = false
    }

    /// What becomes of generated files whose contract is gone.
    enum Layout: Equatable {
        /// The plan says all that belongs into its folders: what an older run wrote and this one does not is removed.
        case whole
        /// Other runs may write into the same folders: nothing is removed.
        case shared
    }

    enum Mode: Equatable {
        case write
        /// Nothing is written; the answer is whether anything would be.
        case check
    }

    /// Where imports are looked for, in this order; built-in contracts need no path.
    var importPaths: [String]
    var targets: [Target]
    var visibility: Visibility
    var layout: Layout
    var mode: Mode
    /// Where contracts outside of the plan have their code.
    var modules: [EmitOptions.ModuleRule] = EmitOptions.sharedContracts

    /// The plan of a command line without a configuration file.
    ///
    /// Inputs may also be paths on disk under one of the import paths, as a shell completes them.
    init(
        inputs: [String], importPaths: [String], outputDirectory: String, module: String? = nil,
        visibility: Visibility = .public, mode: Mode = .write
    ) {
        let roots = importPaths.isEmpty ? ["."] : importPaths
        let names = inputs.map { GeneratePlan.importName(of: $0, under: roots) }
        self.init(
            importPaths: roots,
            targets: [Target(module: module, outputDirectory: outputDirectory, inputs: names)], visibility: visibility,
            layout: .shared, mode: mode)
    }

    init(importPaths: [String], targets: [Target], visibility: Visibility, layout: Layout, mode: Mode) {
        self.importPaths = importPaths
        self.targets = targets
        self.visibility = visibility
        self.layout = layout
        self.mode = mode
    }

    /// What the emitter is told for one target: where every other target's contracts have their code.
    func emitOptions(for target: Target) -> EmitOptions {
        let own = targets.flatMap { target in
            target.inputs.compactMap { input in
                target.module.map { EmitOptions.ModuleRule(path: input, module: $0) }
            }
        }
        // The rule that says most comes first: a file before its folder.
        let rules = own.sorted { $0.path.count > $1.path.count } + modules
        return EmitOptions(visibility: visibility, module: target.module, modules: rules, views: target.views)
    }

    /// `proto/learn/course.proto` under `proto` is `learn/course.proto` to an import.
    private static func importName(of path: String, under roots: [String]) -> String {
        for root in roots {
            let prefix = root.hasSuffix("/") ? root : root + "/"
            if path.hasPrefix(prefix) { return String(path.dropFirst(prefix.count)) }
        }
        return path.hasPrefix("./") ? String(path.dropFirst(2)) : path
    }
}
