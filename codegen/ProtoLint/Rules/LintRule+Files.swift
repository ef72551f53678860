import Descriptors
import ProtoCheck

extension LintRule {
    /// What a file says about itself and which others it imports.
    static let fileRules: [LintRule] = [
        LintRule(
            Rule(
                "FIELD_NOT_REQUIRED", basic, "Fields are not required.",
                why: "a required field can never be added or taken away: one side always refuses the other's messages")
        ) { run in
            run.forEachField { field, run in
                guard field.cardinality == .required else { return }
                run.report(
                    "the field `\(field.name)` is required", at: field.place.part(1),
                    help: "make it optional, and check it where the message is used or by a validation rule")
            }
        },
        LintRule(
            Rule(
                "IMPORT_NO_PUBLIC", basic, "Imports are not public.",
                why: "who imports this file would depend on the other one without saying so")
        ) { run in
            for file in run.files {
                for index in file.proto.publicDependency where file.proto.dependency.indices.contains(Int(index)) {
                    run.report(
                        "the import of `\(file.proto.dependency[Int(index)])` is public",
                        at: ElementPlace(file: file.name, path: [3, index]),
                        help: "take `public` out, and import the file wherever it is used")
                }
            }
        },
        LintRule(
            Rule(
                "IMPORT_USED", basic, "Imports are used.",
                why: "an unused import is read and built by everyone who uses this file")
        ) { run in
            for file in run.files {
                for (index, path) in file.proto.dependency.enumerated() {
                    let place = ElementPlace(file: file.name, path: [3, Int32(index)])
                    guard run.unusedImports.contains(place) else { continue }
                    run.report("nothing of `\(path)` is used", at: place, help: "take the import out")
                }
            }
        },
        LintRule(
            Rule(
                "SYNTAX_SPECIFIED", basic, "Files say which syntax or edition they are written in.",
                why: "without a word a file is proto2, which is hardly ever meant")
        ) { run in
            for file in run.files where run.contract.region(of: ElementPlace(file: file.name, path: [12])) == nil {
                run.report(
                    "the file does not say its syntax", at: file.place,
                    help: "begin with `syntax = \"proto3\";` or `edition = \"2023\";`")
            }
        },
    ]

    /// It is in no category: one asks for it by name.
    static let stablePackageNoImportUnstable = LintRule(
        Rule(
            "STABLE_PACKAGE_NO_IMPORT_UNSTABLE", [], "Stable packages do not import unstable ones.",
            why: "what an alpha or beta package changes would break the stable one with it")
    ) { run in
        let files = run.files
        let byName = Dictionary(files.map { ($0.name, $0) }) { first, _ in first }
        for file in files where PackageVersion(ofPackage: file.package)?.isStable == true {
            for (index, path) in file.proto.dependency.enumerated() {
                guard let imported = byName[path],
                    PackageVersion(ofPackage: imported.package)?.isStable == false
                else { continue }
                run.report(
                    "the stable package `\(file.package)` imports `\(path)` of the unstable `\(imported.package)`",
                    at: ElementPlace(file: file.name, path: [3, Int32(index)]),
                    help: "wait until the other is stable, or move what both need into a stable package")
            }
        }
    }
}
