import Descriptors
import Foundation
import ProtoResolve
package import ProtoSyntax
import ProtoWire
import RuleEmit
import SwiftEmit

/// Runs a plan: contracts are read, compiled, emitted and put where the plan says.
package struct Generator {
    /// What came of a run, for whoever talks to the user.
    package struct Outcome {
        /// What is wrong with the contracts.
        package var report = Report()
        /// Why it could not be done though the contracts have no faults, or there are none.
        package var faults: [String] = []
        package var contracts = 0
        package var changes = GeneratedFolder.Changes()

        /// The contracts or the disk stood in the way.
        package var hasFailed: Bool { !faults.isEmpty || report.hasErrors }
    }

    private let plan: GeneratePlan

    package init(_ plan: GeneratePlan) {
        self.plan = plan
    }

    package func run() -> Outcome {
        var outcome = Outcome()
        var contracts: [[String]] = []
        for target in plan.targets {
            let found = target.inputs.map { ContractFiles.expand($0, under: plan.importPaths) }
            if let empty = found.firstIndex(where: \.isEmpty) {
                let places = plan.importPaths.joined(separator: ", ")
                outcome.faults = ["there are no contracts in '\(target.inputs[empty])' under \(places)"]
                return outcome
            }
            contracts.append(Set(found.joined()).sorted())
        }
        let named = contracts.flatMap { $0 }
        outcome.contracts = named.count
        let files: [FileDescriptorProto]
        (files, outcome.report) = compiler(withSourceInfo: true).compile(named)
        let isRefused = plan.warningsAreFatal && !outcome.report.isEmpty
        if isRefused { outcome.faults = ["there are warnings, and they are fatal"] }
        guard !outcome.hasFailed else { return outcome }
        do {
            for (target, paths) in zip(plan.targets, contracts) where target.features.validation {
                let faults = try RuleEmitter(plan.emitOptions(for: target)).check(files, only: Set(paths))
                outcome.faults += faults.map { $0.shown(with: files) }
            }
            // One wrong rule, and nothing is written: half of the checks would pass for all.
            guard !outcome.hasFailed else { return outcome }
            for (target, paths) in zip(plan.targets, contracts) where !target.outputDirectory.isEmpty {
                outcome.changes += try put(files, paths, target)
            }
            if let set = plan.descriptorSet { try write(set, of: named, &outcome.changes) }
            if let path = plan.dependencyFile { try writeDependencies(of: files, to: path, &outcome.changes) }
        } catch {
            outcome.faults = ["\(error)"]
        }
        return outcome
    }

    private func compiler(withSourceInfo: Bool, retaining: Bool = false) -> Compiler {
        var options = Compiler.Options()
        options.includesSourceInfo = withSourceInfo
        options.retainsSourceOptions = retaining
        return Compiler(options: options) { ContractFiles.read($0, under: plan.importPaths) }
    }

    private func put(
        _ files: [FileDescriptorProto], _ paths: [String], _ target: GeneratePlan.Target
    ) throws -> GeneratedFolder.Changes {
        let options = plan.emitOptions(for: target)
        func emit(_ paths: Set<String>) throws -> [GeneratedSource] {
            try ContractEmitter(options, validation: target.features.validation).emit(files, only: paths).sources
        }
        let sources: [GeneratedSource]
        if plan.layout == .declared {
            sources = try DeclaredNames(paths, target.features).sources { try emit([$0]) }
        } else {
            sources = try emit(Set(paths))
            try refuseEqualNames(sources)
        }
        return try GeneratedFolder(path: target.outputDirectory).put(sources, plan.layout, plan.mode)
    }

    private func refuseEqualNames(_ sources: [GeneratedSource]) throws(GeneratedFolder.Fault) {
        var names: Set<String> = []
        for source in sources where !names.insert(source.name).inserted {
            throw GeneratedFolder.Fault(description: "two contracts would both become \(source.name)")
        }
    }

    // MARK: - What is written besides code

    private func write(
        _ set: DescriptorSetPlan, of named: [String], _ changes: inout GeneratedFolder.Changes
    ) throws(GeneratedFolder.Fault) {
        let compiler = compiler(withSourceInfo: set.includesSourceInfo, retaining: set.retainsSourceOptions)
        let files = compiler.compile(named).files
        var descriptors = FileDescriptorSet()
        descriptors.file = set.includesImports ? files : files.filter { named.contains($0.name ?? "") }
        try changes.note(set.path, descriptors.encoded(), plan.mode)
    }

    /// A rule as `make` reads it: what is written, a colon, and every contract on disk that it was made of.
    private func writeDependencies(
        of files: [FileDescriptorProto], to path: String, _ changes: inout GeneratedFolder.Changes
    ) throws(GeneratedFolder.Fault) {
        let outputs = changes.all.map(Generator.escaped)
        let inputs = files.compactMap { ContractFiles.location(of: $0.name ?? "", under: plan.importPaths) }
        let text =
            outputs.joined(separator: " \\\n") + ":"
            + inputs.map { " " + Generator.escaped($0) }.joined(separator: "\\\n") + "\n"
        try changes.note(path, Array(text.utf8), plan.mode)
    }

    private static func escaped(_ path: String) -> String {
        path.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "\\ ")
    }
}
