import Descriptors
import SwiftEmit

/// Answers what protoc asks.
///
/// Parameters, as in `--weft_opt=visibility=package,module=API`:
/// - `visibility=public|package|internal`: who may use the code; `public` if unsaid.
/// - `module=NAME`: the module that the code is for.
/// - `views=true`: messages get a `View`, which finds fields without decoding.
/// - `import=PATH=NAME`: contracts under this folder live in another module; may be repeated.
enum Plugin {
    static func respond(to request: CodeGeneratorRequest) -> CodeGeneratorResponse {
        var response = CodeGeneratorResponse()
        response.supportedFeatures = UInt64(
            CodeGeneratorResponse.Feature.proto3Optional.rawValue
                | CodeGeneratorResponse.Feature.supportsEditions.rawValue)
        response.minimumEdition = Edition.proto2.rawValue
        response.maximumEdition = Edition.edition2024.rawValue
        do {
            let emitter = SwiftEmitter(try options(request.parameter ?? ""))
            let sources = try emitter.emit(request.protoFile, only: Set(request.fileToGenerate))
            response.file = sources.map { source in
                var file = CodeGeneratorResponse.File()
                file.name = source.name
                file.content = source.text
                return file
            }
        } catch {
            response.error = "\(error)"
        }
        return response
    }

    private static func options(_ parameter: String) throws(BadParameter) -> EmitOptions {
        var options = EmitOptions()
        var imports: [EmitOptions.ModuleRule] = []
        for part in parameter.split(separator: ",") {
            let words = part.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            switch (words.first, words.count) {
            case ("visibility", 2):
                guard let visibility = Visibility(rawValue: words[1]) else { throw BadParameter(text: String(part)) }
                options.visibility = visibility
            case ("module", 2): options.module = words[1]
            case ("views", 2) where words[1] == "true" || words[1] == "false": options.views = words[1] == "true"
            case ("import", 3): imports.append(EmitOptions.ModuleRule(path: words[1], module: words[2]))
            default: throw BadParameter(text: String(part))
            }
        }
        // What the caller says comes before what is true of Weft's own contracts.
        options.modules = imports + options.modules
        return options
    }

    private struct BadParameter: Error, CustomStringConvertible {
        let text: String

        var description: String {
            "the parameter '\(text)' is not understood: "
                + "visibility=public|package|internal, module=NAME, views=true|false and import=PATH=NAME are"
        }
    }
}
