import Descriptors
import Foundation
import Generate
import ProtoResolve
import ProtoSyntax

/// Contracts read from files, for `--proto`.
enum ProtoFiles {
    /// Compiles files and what they import. Diagnostics go to standard error; faults end the command.
    static func compile(_ paths: [String], importPaths: [String]) throws -> [FileDescriptorProto] {
        // A file may be named by its path: the folder that it lies in is then looked into as well.
        let folders = paths.map { ($0 as NSString).deletingLastPathComponent }.filter { !$0.isEmpty }
        let roots = importPaths + folders
        let names = paths.map { path in
            roots.contains { FileManager.default.fileExists(atPath: "\($0)/\(path)") }
                ? path : (path as NSString).lastPathComponent
        }
        let compiler = Compiler { ContractFiles.read($0, under: roots) }
        let (files, report) = compiler.compile(names)
        if !report.isEmpty {
            FileHandle.standardError.write(Data(ReportRenderer().render(report).utf8))
        }
        if report.hasErrors { throw Fault.failed("the contract has faults") }
        return files
    }

    /// Writes what is wrong with contracts; the error ends the command.
    static func refuse(_ report: Report) -> any Error {
        FileHandle.standardError.write(Data(ReportRenderer().render(report).utf8))
        return Fault.failed("the contract has faults")
    }
}
