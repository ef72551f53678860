package import SwiftEmit

/// What a run will do: which contracts become which module's code, and where it is put.
package struct GeneratePlan: Equatable, Sendable {
    /// One module's worth of generated code.
    package struct Target: Equatable, Sendable {
        /// The Swift module that the code is for; nil if no other target of the plan uses it.
        package var module: String?
        /// Where the files go. Weft owns what it wrote there and nothing else.
        package var outputDirectory: String
        /// Contracts as imports name them: files, `learn/course/v1/course.proto`, or folders, `learn`.
        package var inputs: [String]
        package var features: Features

        package init(
            module: String?, outputDirectory: String, inputs: [String], features: Features = Features()
        ) {
            self.module = module
            self.outputDirectory = outputDirectory
            self.inputs = inputs
            self.features = features
        }
    }

    /// What generated code has besides messages and services.
    package struct Features: Equatable, Sendable {
        /// Messages get a `View`, which finds fields without decoding. The target that compiles the code enables the
        /// experimental feature `Lifetimes`.
        package var views = false
        /// Messages check themselves by the rules that their contract has for them (`buf.validate`). The target that
        /// compiles the code depends on `Validation`.
        package var validation = true

        package init() {}
    }

    /// Which files a target's code is, and what becomes of those whose contract is gone.
    package enum Layout: Equatable, Sendable {
        /// The plan says all that belongs into its folders: what an older run wrote and this one does not is removed.
        case whole
        /// Other runs may write into the same folders: nothing is removed.
        case shared
        /// The names follow from those of the contracts alone, as a build system wants that asks before it runs us.
        case declared
    }

    package enum Mode: Equatable, Sendable {
        case write
        /// Nothing is written; the answer is whether anything would be.
        case check
    }

    /// Where imports are looked for, in this order; built-in contracts need no path.
    package var importPaths: [String]
    package var targets: [Target]
    package var visibility = Visibility.public
    package var layout: Layout
    package var mode = Mode.write
    /// Where contracts outside of the plan have their code.
    package var modules: [EmitOptions.ModuleRule] = EmitOptions.sharedContracts
    /// A file with the descriptors of what is compiled.
    package var descriptorSet: DescriptorSetPlan?
    /// A file that tells `make` what the others are made of.
    package var dependencyFile: String?
    package var warningsAreFatal = false

    package init(importPaths: [String], targets: [Target], layout: Layout) {
        self.importPaths = importPaths.isEmpty ? ["."] : importPaths
        self.targets = targets
        self.layout = layout
    }

    /// The plan of a command line without a configuration file. Inputs may also be paths on disk under one of the import
    /// paths, as a shell completes them; without `output` there is no code, but maybe a descriptor set.
    package init(inputs: [String], importPaths: [String], output: String?, module: String? = nil) {
        let roots = importPaths.isEmpty ? ["."] : importPaths
        let names = inputs.map { ContractFiles.importName(of: $0, under: roots) }
        let target = Target(module: module, outputDirectory: output ?? "", inputs: names)
        self.init(importPaths: roots, targets: [target], layout: .shared)
    }

    /// What the emitter is told for one target: where every other target's contracts have their code.
    package func emitOptions(for target: Target) -> EmitOptions {
        let own = targets.flatMap { target in
            target.inputs.compactMap { input in
                target.module.map { EmitOptions.ModuleRule(path: input, module: $0) }
            }
        }
        // The rule that says most comes first: a file before its folder.
        let rules = own.sorted { $0.path.count > $1.path.count } + modules
        return EmitOptions(visibility: visibility, module: target.module, modules: rules, views: target.features.views)
    }
}

/// A `FileDescriptorSet` on disk, as protoc's `--descriptor_set_out` writes it.
package struct DescriptorSetPlan: Equatable, Sendable {
    package var path: String
    /// With all that is imported, so that the set stands alone.
    package var includesImports = false
    /// With places and comments.
    package var includesSourceInfo = false
    /// With options of `retention = RETENTION_SOURCE`, which are for compilers alone.
    package var retainsSourceOptions = false

    package init(path: String) {
        self.path = path
    }
}
