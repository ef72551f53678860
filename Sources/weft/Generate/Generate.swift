import Descriptors
import Foundation
import ProtoResolve
import ProtoSyntax
import SwiftEmit

/// Runs a plan: contracts are read, compiled, emitted and put where the plan says.
enum Generate {
    static let done: Int32 = 0
    /// The contracts have faults, a file cannot be written, or a check found a difference.
    static let failed: Int32 = 1

    /// Writes what was done to `out` and what is wrong to `errors`; answers the exit code.
    static func run(
        _ plan: GeneratePlan, to out: inout some TextOutputStream, errors: inout some TextOutputStream
    ) -> Int32 {
        var contracts: [[String]] = []
        for target in plan.targets {
            let found = target.inputs.map { ContractFiles.expand($0, under: plan.importPaths) }
            if let empty = found.firstIndex(where: \.isEmpty) {
                let places = plan.importPaths.joined(separator: ", ")
                errors.write("weft: there are no contracts in '\(target.inputs[empty])' under \(places)\n")
                return failed
            }
            contracts.append(Set(found.joined()).sorted())
        }
        let compiler = Compiler { ContractFiles.read($0, under: plan.importPaths) }
        let (files, report) = compiler.compile(contracts.flatMap { $0 })
        if !report.isEmpty { errors.write(ReportRenderer().render(report)) }
        guard !report.hasErrors else { return failed }
        do {
            var changes = GeneratedFolder.Changes()
            for (target, paths) in zip(plan.targets, contracts) {
                let sources = try SwiftEmitter(plan.emitOptions(for: target)).emit(files, only: Set(paths))
                changes += try GeneratedFolder(path: target.outputDirectory).put(sources, plan.layout, plan.mode)
            }
            return conclude(changes, contracts.map(\.count).reduce(0, +), plan.mode, to: &out, errors: &errors)
        } catch {
            errors.write("weft: \(error)\n")
            return failed
        }
    }

    /// Why the system refused, without the phrase that nothing could be completed.
    static func reason(_ error: any Error) -> String {
        let error = error as NSError
        return error.localizedFailureReason ?? error.localizedDescription
    }

    private static func conclude(
        _ changes: GeneratedFolder.Changes, _ contracts: Int, _ mode: GeneratePlan.Mode,
        to out: inout some TextOutputStream, errors: inout some TextOutputStream
    ) -> Int32 {
        let isStale = mode == .check && !changes.isEmpty
        let lines =
            changes.written.map { (isStale ? "would change " : "wrote ") + $0 }
            + changes.removed.map { (isStale ? "would remove " : "removed ") + $0 }
        for line in lines { isStale ? errors.write(line + "\n") : out.write(line + "\n") }
        if isStale {
            errors.write("weft: generated code is not what the contracts say; run 'weft generate'\n")
            return failed
        }
        out.write(
            "\(contracts) contracts, \(changes.unchanged + changes.written.count) files, \(lines.count) changed\n")
        return done
    }
}

/// Contracts on disk, under import paths.
enum ContractFiles {
    /// The bytes behind an import; the first import path that has it counts.
    static func read(_ name: String, under roots: [String]) -> [UInt8]? {
        for root in roots {
            if let data = FileManager.default.contents(atPath: root + "/" + name) { return Array(data) }
        }
        return nil
    }

    /// A file stands for itself, a folder for all contracts in it, sorted by name.
    static func expand(_ input: String, under roots: [String]) -> [String] {
        // A built-in contract is on no disk; the compiler says if there is no such file.
        guard !input.hasSuffix(".proto") else { return [input] }
        let folder = input.hasSuffix("/") ? String(input.dropLast()) : input
        var names: Set<String> = []
        for root in roots {
            let path = folder == "." ? root : root + "/" + folder
            for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init()
            where name.hasSuffix(".proto") {
                names.insert(folder == "." ? name : folder + "/" + name)
            }
        }
        return names.sorted()
    }
}
