import ArgumentParser
import Foundation
import Generate
import ProtoFormat
import ProtoSyntax

/// `weft format`: contracts in the one layout that all contracts share.
struct FormatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "format", abstract: "Lay contracts out as all are laid out.",
        discussion: """
            One contract is printed; with several, or a folder, say -w, --diff or --check. `-` reads standard input.
            A contract that does not parse is not touched.
            Exit codes: 0 done, 1 a contract has faults, 2 a wrong request, 100 --check found one that would change.
            """)

    /// As buf's: a difference is no failure of the tool.
    private static let wouldChange: Int32 = 100

    @Argument(help: "Contracts, and folders for all contracts below them.")
    var paths: [String]

    @Flag(name: [.short, .long], help: "Write the contracts that change.")
    var write = false

    @Flag(name: [.short, .long], help: "Show what changes, as diff -u does.")
    var diff = false

    @Flag(name: [.long, .customLong("exit-code")], help: "Exit with 100 if a contract changes.")
    var check = false

    @OptionGroup var reporting: ReportOptions

    func run() throws {
        let files = try files()
        guard files.count == 1 || write || diff || check else {
            throw Fault.usage("there are \(files.count) contracts: say -w to write them, --diff or --check")
        }
        var output = StandardStream(handle: .standardOutput)
        var report = Report()
        var changed: [String] = []
        for file in files {
            let bytes = try read(file)
            let id = report.add(Source(path: file == "-" ? "stdin" : file, bytes: bytes))
            guard let text = ContractFormatter.format(id, &report) else { continue }
            let isChanged = Array(text.utf8) != bytes
            if isChanged { changed.append(file) }
            if diff, isChanged {
                output.write(LineChanges(from: bytes, to: Array(text.utf8)).unified(old: file, new: file))
            } else if !write, !diff, !check {
                output.write(text)
            }
            if write, isChanged { try put(text, in: file) }
        }
        guard reporting.show(report) else { throw ExitCode(1) }
        guard check, !changed.isEmpty else { return }
        if !diff { for file in changed { output.write("would change \(file)\n") } }
        throw ExitCode(FormatCommand.wouldChange)
    }

    private func files() throws -> [String] {
        if paths.contains("-"), write || paths.count > 1 {
            throw Fault.usage("standard input stands alone, and cannot be written")
        }
        var files: [String] = []
        for path in paths {
            var isFolder: ObjCBool = false
            if path == "-" || path.hasSuffix(".proto") {
                files.append(path)
            } else if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
                let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
                let names = ContractFiles.below(folder).filter { $0.hasSuffix(".proto") }.sorted()
                files += names.map { folder == "." ? $0 : folder + "/" + $0 }
            } else {
                throw Fault.usage("'\(path)' is neither a .proto file nor a folder")
            }
        }
        guard !files.isEmpty else { throw Fault.usage("there are no contracts in \(paths.joined(separator: ", "))") }
        return files
    }

    private func read(_ file: String) throws -> [UInt8] {
        if file == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        do {
            return Array(try Data(contentsOf: URL(filePath: file)))
        } catch {
            throw Fault.failed("cannot read \(file): \(systemReason(error))")
        }
    }

    private func put(_ text: String, in file: String) throws {
        do {
            try writeFile(Array(text.utf8), to: file)
        } catch {
            throw Fault.failed("cannot write \(file): \(systemReason(error))")
        }
    }
}
