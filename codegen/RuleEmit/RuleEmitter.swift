public import Descriptors
public import SwiftEmit

/// Turns the rules of contracts (`buf.validate`) into Swift: one `<package>.<file>.validate.swift` for each contract whose
/// messages have rules, or hold messages that have.
///
/// There is no interpreter at run time: each standard rule is a line of Swift, each CEL expression a Swift expression over the
/// generated struct. A rule that cannot be is a fault, found here and not at the first message.
public struct RuleEmitter: Sendable {
    private let options: EmitOptions

    public init(_ options: EmitOptions = EmitOptions()) {
        self.options = options
    }

    public struct Output: Sendable {
        public var sources: [GeneratedSource] = []
        /// In the order of the contracts. If there are any, the sources are not to be used.
        public var faults: [RuleFault] = []
    }

    /// The code for the files that `only` names; `files` must hold all that they import.
    public func emit(_ files: [FileDescriptorProto], only: Set<String>) throws(EmitError) -> Output {
        var output = Output()
        guard files.contains(where: { $0.name == RuleEmitter.contract }) else { return output }
        let schema = Schema(files, try ContractNames(files, only: only, options: options))
        let reach = Reach(schema)
        for path in only.sorted() {
            guard let file = schema.files[path] else { continue }
            var writer = RuleFile(file, schema, reach, options)
            if let source = writer.source() { output.sources.append(source) }
            output.faults += writer.faults
        }
        return output
    }

    /// The Swift types of messages that have a `validate`, for `EmitOptions.validatedTypes`.
    public func validatedTypes(
        _ files: [FileDescriptorProto], only: Set<String>
    ) throws(EmitError) -> Set<String> {
        guard files.contains(where: { $0.name == RuleEmitter.contract }) else { return [] }
        let schema = Schema(files, try ContractNames(files, only: only, options: options))
        return Set(Reach(schema).validated.compactMap { schema.messages[$0]?.names.type })
    }

    /// What is wrong with the rules of the files that `only` names; for linters.
    public func check(_ files: [FileDescriptorProto], only: Set<String>) throws(EmitError) -> [RuleFault] {
        try emit(files, only: only).faults
    }

    /// Rules that exclude each other: they are no faults, but no value keeps them; for linters.
    public func contradictions(
        _ files: [FileDescriptorProto], only: Set<String>
    ) throws(EmitError) -> [RuleFault] {
        let schema = Schema(files, try ContractNames(files, only: only, options: options))
        var found: [RuleFault] = []
        for message in schema.messages.values where only.contains(message.file) {
            for field in message.fields {
                // Bytes that cannot be read are a fault, which `check` tells.
                guard let rules = (try? ReadRules.field(field.proto)) ?? nil else { continue }
                found += Contradictions.find(in: rules).map { rule, text in
                    RuleFault(
                        file: message.file, path: field.path, element: message.fullName + "." + field.name, rule: rule,
                        message: text)
                }
            }
        }
        return found.sorted { ($0.file, $0.element, $0.rule) < ($1.file, $1.element, $1.rule) }
    }

    /// The contract that declares the options: without it no file has rules.
    static let contract = "buf/validate/validate.proto"
}
