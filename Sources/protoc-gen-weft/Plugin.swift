import Descriptors
import RuleEmit
import SwiftEmit

/// Answers what protoc asks.
enum Plugin {
    static func respond(to request: CodeGeneratorRequest) -> CodeGeneratorResponse {
        var response = CodeGeneratorResponse()
        response.supportedFeatures = UInt64(
            CodeGeneratorResponse.Feature.proto3Optional.rawValue
                | CodeGeneratorResponse.Feature.supportsEditions.rawValue)
        // protoc refuses files outside of this range before it asks us.
        response.minimumEdition = Edition.proto2.rawValue
        response.maximumEdition = Edition.edition2026.rawValue
        do {
            let parameters = try Parameters(request.parameter ?? "")
            let contracts = Set(request.fileToGenerate)
            let output = try ContractEmitter(parameters.options, validation: parameters.validates)
                .emit(request.protoFile, only: contracts)
            guard output.faults.isEmpty else {
                response.error = output.faults.map { $0.shown(with: request.protoFile) }.joined(separator: "\n")
                return response
            }
            response.file = output.sources.map { source in
                var file = CodeGeneratorResponse.File()
                file.name = source.name
                file.content = source.text
                return file
            }
        } catch {
            // A fault of the contracts or of the parameters: protoc shows it and ends with 1. A partial answer is none.
            response.error = "\(error)"
            response.file = []
        }
        return response
    }
}

/// What stands behind `--weft_opt=` or before the `:` of `--weft_out=`, parts separated by commas:
///
/// - `visibility=public|package|internal`: who may use the code; `public` if unsaid.
/// - `module=NAME`: the module that the code is for.
/// - `views=true|false`: messages get a `View`, which finds fields without decoding.
/// - `validation=true|false`: messages that have rules of `buf.validate` check themselves; true if unsaid.
/// - `import=PATH=NAME`: contracts under this folder, or this one contract, have their code in another module; may be repeated.
struct Parameters {
    /// A part that is not understood.
    struct Fault: Error, CustomStringConvertible {
        let part: String
        let problem: String

        var description: String {
            "parameter '\(part)': \(problem); known are visibility=public|package|internal, module=NAME, "
                + "views=true|false, validation=true|false and import=PATH=NAME"
        }
    }

    private(set) var options = EmitOptions()
    private(set) var validates = true

    init(_ text: String) throws(Fault) {
        var imports: [EmitOptions.ModuleRule] = []
        for part in text.split(separator: ",").map(String.init) {
            let words = part.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard !words.dropFirst().contains("") else { throw Fault(part: part, problem: "a value is missing") }
            switch (words[0], words.count) {
            case ("visibility", 2):
                guard let visibility = Visibility(rawValue: words[1]) else {
                    throw Fault(part: part, problem: "there is no such visibility")
                }
                options.visibility = visibility
            case ("module", 2): options.module = words[1]
            case ("views", 2): options.views = try Parameters.bool(words[1], in: part)
            case ("validation", 2): validates = try Parameters.bool(words[1], in: part)
            case ("import", 3): imports.append(EmitOptions.ModuleRule(path: words[1], module: words[2]))
            case ("visibility", _), ("module", _), ("import", _), ("views", _), ("validation", _):
                throw Fault(part: part, problem: "malformed")
            default: throw Fault(part: part, problem: "unknown")
            }
        }
        // What the caller says comes before what is true of Weft's own contracts, and a file before its folder.
        options.modules = imports.sorted { $0.path.count > $1.path.count } + options.modules
    }

    private static func bool(_ word: String, in part: String) throws(Fault) -> Bool {
        switch word {
        case "true": true
        case "false": false
        default: throw Fault(part: part, problem: "neither true nor false")
        }
    }
}
