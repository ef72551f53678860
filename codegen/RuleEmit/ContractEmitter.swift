public import Descriptors
public import SwiftEmit

/// All code of contracts: messages and services (`SwiftEmitter`), and the checks of their rules (`RuleEmitter`).
public struct ContractEmitter: Sendable {
    private let options: EmitOptions
    private let writesChecks: Bool

    /// - Parameter validation: whether rules become code; without, they stay words in the contract.
    public init(_ options: EmitOptions = EmitOptions(), validation: Bool = true) {
        self.options = options
        writesChecks = validation
    }

    /// The code for the files that `only` names, or the faults of their rules; `files` must hold all that they import.
    public func emit(_ files: [FileDescriptorProto], only: Set<String>) throws(EmitError) -> RuleEmitter.Output {
        guard writesChecks else {
            return RuleEmitter.Output(sources: try SwiftEmitter(options).emit(files, only: only))
        }
        let rules = RuleEmitter(options)
        var output = try rules.emit(files, only: only)
        var options = options
        options.validatedTypes = try rules.validatedTypes(files, only: only)
        output.sources = try SwiftEmitter(options).emit(files, only: only) + output.sources
        return output
    }
}

extension RuleFault {
    /// Line and column of the element that has the rule, both from 1, if the contract's descriptor still knows its text.
    public func place(in files: [FileDescriptorProto]) -> (line: Int, column: Int)? {
        let locations = files.first { $0.name == file }?.sourceCodeInfo?.location ?? []
        guard let span = locations.first(where: { $0.path == path })?.span, span.count >= 2 else { return nil }
        return (Int(span[0]) + 1, Int(span[1]) + 1)
    }

    /// `learn/course/v1/course.proto:12:3: error: ...`, as compilers say it.
    public func shown(with files: [FileDescriptorProto]) -> String {
        let place = place(in: files).map { ":\($0.line):\($0.column)" } ?? ""
        return "\(file)\(place): error: \(element): \(rule): \(message)"
    }
}
