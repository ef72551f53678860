import Descriptors
import ProtoCheck

extension BreakingRule {
    /// What a file says about itself, it said before.
    static let fileRules: [BreakingRule] =
        [
            BreakingRule(
                Rule(
                    "FILE_SAME_PACKAGE", wire, "Files stay in their package.",
                    why: "the package is part of the path of every call and of every type's full name")
            ) { run in
                run.forEachFile { old, new, run in
                    run.compare(
                        "package", old.package, new.package, at: new.packagePlace, against: old.packagePlace)
                }
            },
            BreakingRule(
                Rule(
                    "FILE_SAME_SYNTAX", schemaAndSource, "Files keep their syntax.",
                    why: "presence, enums and packing mean something else under another syntax")
            ) { run in
                run.forEachFile { old, new, run in
                    run.compare(
                        "syntax", old.proto.syntax ?? "proto2", new.proto.syntax ?? "proto2",
                        at: ElementPlace(file: new.name, path: [12]), against: ElementPlace(file: old.name, path: [12]))
                }
            },
        ] + textOptions + wordOptions

    private static let textOptions: [BreakingRule] = [
        sameOption("CSHARP_NAMESPACE", 37) { $0?.csharpNamespace ?? "" },
        sameOption("GO_PACKAGE", 11) { $0?.goPackage ?? "" },
        sameOption("JAVA_OUTER_CLASSNAME", 8) { $0?.javaOuterClassname ?? "" },
        sameOption("JAVA_PACKAGE", 1) { $0?.javaPackage ?? "" },
        sameOption("OBJC_CLASS_PREFIX", 36) { $0?.objcClassPrefix ?? "" },
        sameOption("PHP_CLASS_PREFIX", 40) { $0?.phpClassPrefix ?? "" },
        sameOption("PHP_METADATA_NAMESPACE", 44) { $0?.phpMetadataNamespace ?? "" },
        sameOption("PHP_NAMESPACE", 41) { $0?.phpNamespace ?? "" },
        sameOption("RUBY_PACKAGE", 45) { $0?.rubyPackage ?? "" },
        sameOption("SWIFT_PREFIX", 39) { $0?.swiftPrefix ?? "" },
    ]

    // The defaults are descriptor.proto's.
    private static let wordOptions: [BreakingRule] = [
        sameOption("CC_ENABLE_ARENAS", 31) { String($0?.ccEnableArenas ?? true) },
        sameOption("CC_GENERIC_SERVICES", 16) { String($0?.ccGenericServices ?? false) },
        sameOption("JAVA_GENERIC_SERVICES", 17) { String($0?.javaGenericServices ?? false) },
        sameOption("JAVA_MULTIPLE_FILES", 10) { String($0?.javaMultipleFiles ?? false) },
        sameOption("PY_GENERIC_SERVICES", 18) { String($0?.pyGenericServices ?? false) },
        sameOption("OPTIMIZE_FOR", 9) { options in
            switch options?.optimizeFor ?? .speed {
            case .codeSize: "CODE_SIZE"
            case .liteRuntime: "LITE_RUNTIME"
            default: "SPEED"
            }
        },
    ]

    private static func sameOption(
        _ name: String, _ number: Int32, value: @escaping @Sendable (FileOptions?) -> String
    ) -> BreakingRule {
        let option = name.lowercased()
        let rule = Rule(
            "FILE_SAME_\(name)", source, "Files keep their `\(option)`.",
            why: "generated code gets other names or another form, and its callers no longer build")
        return BreakingRule(rule) { run in
            run.forEachFile { old, new, run in
                run.compare(
                    option, value(old.proto.options), value(new.proto.options),
                    at: ElementPlace(file: new.name, path: [8, number]),
                    against: ElementPlace(file: old.name, path: [8, number]))
            }
        }
    }
}

extension BreakingRun {
    fileprivate mutating func compare(
        _ what: String, _ before: String, _ now: String, at place: ElementPlace, against: ElementPlace
    ) {
        guard before != now else { return }
        func shown(_ value: String) -> String { value.isEmpty ? "none" : "`\(value)`" }
        report(
            "the file's `\(what)` was \(shown(before)) and is \(shown(now))", at: place, against: against,
            help: "change it back")
    }
}
