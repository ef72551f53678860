import Descriptors
import ProtoCheck

extension LintRule {
    /// Packages and folders are the same thing twice.
    static let minimalRules: [LintRule] = [
        LintRule(
            Rule(
                "DIRECTORY_SAME_PACKAGE", minimal, "All files of a folder are in the same package.",
                why: "many generators write a package per folder, and cannot write two")
        ) { run in
            for (directory, files) in Dictionary(grouping: run.files, by: \.directory) {
                let packages = Set(files.map(\.package)).sorted()
                guard packages.count > 1 else { continue }
                let list = packages.map { $0.isEmpty ? "none" : "`\($0)`" }.joined(separator: ", ")
                for file in files {
                    run.report(
                        "the folder `\(directory)` holds several packages: \(list)", at: file.packagePlace,
                        help: "give each package a folder of its own")
                }
            }
        },
        LintRule(
            Rule(
                "PACKAGE_DEFINED", minimal, "All files are in a package.",
                why: "names without a package clash with those of everyone else")
        ) { run in
            for file in run.files where file.package.isEmpty {
                run.report("the file has no package", at: file.place, help: "say `package name.v1;`")
            }
        },
        LintRule(
            Rule(
                "PACKAGE_DIRECTORY_MATCH", minimal, "Files lie in the folder that their package names.",
                why: "who sees a type's full name then knows which file to open and to import")
        ) { run in
            for file in run.files where !file.package.isEmpty {
                let expected = String(file.package.map { $0 == "." ? "/" : $0 })
                guard file.directory != expected else { continue }
                run.report(
                    "files of the package `\(file.package)` belong into `\(expected)`, and this one is in "
                        + "`\(file.directory)`",
                    at: file.packagePlace, help: "move the file, or rename the package")
            }
        },
        LintRule(
            Rule(
                "PACKAGE_NO_IMPORT_CYCLE", minimal, "Packages do not import each other in a circle.",
                why: "several languages have no circles between packages, so the generated code would not build")
        ) { run in
            PackageGraph(of: run.contract).reportCycles(&run)
        },
        LintRule(
            Rule(
                "PACKAGE_SAME_DIRECTORY", minimal, "All files of a package are in the same folder.",
                why: "many generators write a folder per package, and cannot write two")
        ) { run in
            for (package, files) in Dictionary(grouping: run.files, by: \.package) {
                let directories = Set(files.map(\.directory)).sorted()
                guard directories.count > 1 else { continue }
                let list = directories.map { "`\($0)`" }.joined(separator: ", ")
                for file in files {
                    run.report(
                        "the package `\(package)` lies in several folders: \(list)", at: file.packagePlace,
                        help: "move its files into one folder")
                }
            }
        },
    ]

    /// What all files of a package have to agree on, and how packages are called.
    static let packageRules: [LintRule] =
        [
            LintRule(
                Rule(
                    "PACKAGE_LOWER_SNAKE_CASE", basic, "Packages are lower_snake.case.",
                    why: "the package is part of the path of every call and of module names in many languages")
            ) { run in
                for file in run.files where !file.package.isEmpty {
                    let parts = file.package.split(separator: ".", omittingEmptySubsequences: false)
                    let expected = parts.map { Naming.lowerSnakeCase(String($0)) }.joined(separator: ".")
                    guard file.package != expected else { continue }
                    run.report(
                        "the package `\(file.package)` should be lower_snake.case", at: file.packagePlace,
                        help: "rename it to `\(expected)`")
                }
            },
            LintRule(
                Rule(
                    "PACKAGE_VERSION_SUFFIX", standard, "Packages end in a version, such as `v1` or `v1beta2`.",
                    why: "a contract that has to break its callers one day can then live beside its successor")
            ) { run in
                for file in run.files
                where !file.package.isEmpty && PackageVersion(ofPackage: file.package) == nil {
                    run.report(
                        "the package `\(file.package)` does not end in a version", at: file.packagePlace,
                        help: "rename it to `\(file.package).v1`")
                }
            },
        ]
        + [
            sameOption("PACKAGE_SAME_CSHARP_NAMESPACE", "csharp_namespace", 37) { $0?.csharpNamespace },
            sameOption("PACKAGE_SAME_GO_PACKAGE", "go_package", 11) { $0?.goPackage },
            sameOption("PACKAGE_SAME_JAVA_MULTIPLE_FILES", "java_multiple_files", 10) { options in
                options?.javaMultipleFiles.map { String($0) }
            },
            sameOption("PACKAGE_SAME_JAVA_PACKAGE", "java_package", 1) { $0?.javaPackage },
            sameOption("PACKAGE_SAME_PHP_NAMESPACE", "php_namespace", 41) { $0?.phpNamespace },
            sameOption("PACKAGE_SAME_RUBY_PACKAGE", "ruby_package", 45) { $0?.rubyPackage },
            sameOption("PACKAGE_SAME_SWIFT_PREFIX", "swift_prefix", 39) { $0?.swiftPrefix },
        ]

    private static func sameOption(
        _ name: String, _ option: String, _ number: Int32, value: @escaping @Sendable (FileOptions?) -> String?
    ) -> LintRule {
        let rule = Rule(
            name, basic, "All files of a package have the same `\(option)`.",
            why: "the generated code of one package would be spread over several places")
        return LintRule(rule) { run in
            for (package, files) in Dictionary(grouping: run.files, by: \.package) {
                let values = Set(files.map { value($0.proto.options) ?? "" }).sorted()
                guard values.count > 1 else { continue }
                let list = values.map { $0.isEmpty ? "none" : "`\($0)`" }.joined(separator: ", ")
                for file in files {
                    run.report(
                        "the files of the package `\(package)` differ in `\(option)`: \(list)",
                        at: ElementPlace(file: file.name, path: [8, number]), help: "say the same in all of them")
                }
            }
        }
    }
}
