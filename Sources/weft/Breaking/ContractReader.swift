import Descriptors
import Foundation
import ProtoCheck
import ProtoResolve
import ProtoSyntax
import ProtoWire

/// Reads the two sides of a comparison: from folders, descriptor sets and git revisions.
struct ContractReader {
    let config: CheckConfig
    let importPaths: [String]

    /// A side, compiled; with its sources, if there are any.
    struct Contracts {
        let files: [FileDescriptorProto]
        var report = Report()
        var checked: CheckedContracts?

        func onDisk(_ findings: [Finding]) -> (findings: [Finding], report: Report) {
            checked?.onDisk(findings, report) ?? (findings, report)
        }
    }

    /// The new side: what was named, or the configuration's modules.
    func read(_ input: ContractInput?) throws -> Contracts {
        switch input {
        case nil: try compile([])
        case .path(let path): try compile([path])
        case .descriptorSet(let path): try descriptorSet(path)
        case .git(let repository, let revision, let subfolder):
            try git(GitTree(repository: repository, revision: revision), subfolder, inputs: [])
        }
    }

    /// The old side; a git revision is read at the place where the new side lies.
    func read(_ input: ContractInput, besides new: ContractInput?) throws -> Contracts {
        guard case .git(let repository, let revision, let subfolder) = input else { return try read(input) }
        var inputs: [String] = []
        if case .path(let path) = new { inputs = [path] }
        return try git(GitTree(repository: repository, revision: revision), subfolder, inputs: inputs)
    }

    private func compile(_ inputs: [String]) throws -> Contracts {
        let isModule = config.file.modules.contains { inputs == [config.placed($0.path)] } || inputs.isEmpty
        // A folder that the configuration does not know is a root of its own: the old copy of a module, say.
        let settings = isModule || inputs.allSatisfy(isInModule) ? config : CheckConfig()
        let checked = try CheckedContracts.find(inputs, importPaths: importPaths, config: settings)
        let (files, report) = checked.compile()
        guard !report.hasErrors else { throw ProtoFiles.refuse(report) }
        return Contracts(files: files, report: report, checked: checked)
    }

    private func isInModule(_ path: String) -> Bool {
        guard config.path != nil else { return false }
        return config.file.modules.contains { module in
            let root = config.placed(module.path)
            return root != "." && Ignores.path(root, contains: path)
        }
    }

    private func descriptorSet(_ path: String) throws -> Contracts {
        guard let data = FileManager.default.contents(atPath: path) else { throw Fault.failed("cannot read \(path)") }
        do {
            return Contracts(files: try FileDescriptorSet(decoding: [UInt8](data)).file)
        } catch {
            throw Fault.failed("\(path) is no descriptor set: \(error)")
        }
    }

    private func git(_ tree: GitTree, _ subfolder: String?, inputs: [String]) throws -> Contracts {
        let roots: [String]
        if let subfolder {
            roots = [subfolder]
        } else if config.path != nil {
            roots = config.file.modules.map { config.placed($0.path) }
        } else {
            let folders = inputs.filter { !$0.hasSuffix(".proto") && $0 != "." }
            roots = folders.isEmpty ? (importPaths.isEmpty ? ["proto", "."] : importPaths) : folders
        }
        let contracts = try tree.contracts(under: roots)
        guard !contracts.isEmpty else {
            throw Fault.failed("\(tree.revision) has no contracts under \(roots.joined(separator: ", "))")
        }
        let (files, report) = Compiler { contracts[$0] }.compile(contracts.keys.sorted())
        guard !report.hasErrors else {
            FileHandle.standardError.write(Data("weft: at \(tree.revision):\n".utf8))
            throw ProtoFiles.refuse(report)
        }
        return Contracts(files: files, report: report)
    }
}
