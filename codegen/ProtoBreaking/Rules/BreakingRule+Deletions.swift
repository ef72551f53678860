import Descriptors
import ProtoCheck

extension BreakingRule {
    /// What a file had, it has.
    static let deletionRules: [BreakingRule] = [
        BreakingRule(
            Rule(
                "FILE_NO_DELETE", schemaAndFile, "Files are not deleted.",
                why: "who imports the file, or the code that was generated from it, no longer builds")
        ) { run in
            for file in run.old.files where run.new.file(file.name) == nil && !run.isBuiltIn(file) {
                run.report(
                    "the file `\(file.name)` was deleted", at: nil, against: file.place,
                    help: "keep the file; it may import what moved elsewhere with `import public`")
            }
        },
        BreakingRule(
            Rule(
                "ENUM_NO_DELETE", schemaAndFile, "Enums are not deleted from a file.",
                why: "code that names the enum no longer builds")
        ) { run in
            run.forEachFile { old, new, run in
                let names = Set(new.enums.map(\.nestedName))
                for enumeration in old.enums where !names.contains(enumeration.nestedName) {
                    run.report(
                        "the enum `\(enumeration.nestedName)` was deleted from the file",
                        at: new.placeOfDeleted(enumeration.nestedName), against: enumeration.place,
                        help: "keep it, with `option deprecated = true;`")
                }
            }
        },
        BreakingRule(
            Rule(
                "EXTENSION_NO_DELETE", file, "Extensions are not deleted from a file.",
                why: "code that names the extension no longer builds, and its values become unknown fields")
        ) { run in
            run.forEachFile { old, new, run in
                let names = Set(new.allExtensions.map(\.nestedName))
                for field in old.allExtensions where !names.contains(field.nestedName) {
                    run.report(
                        "the extension `\(field.nestedName)` was deleted from the file",
                        at: new.placeOfDeleted(field.nestedName), against: field.place,
                        help: "keep it, with `[deprecated = true]`",
                        subject: .field(message: field.message, number: field.number))
                }
            }
        },
        BreakingRule(
            Rule(
                "MESSAGE_NO_DELETE", schemaAndFile, "Messages are not deleted from a file.",
                why: "code that names the message no longer builds, nor does an `Any` that holds one unpack")
        ) { run in
            run.forEachFile { old, new, run in
                let names = Set(new.messages.map(\.nestedName))
                for message in old.messages where !names.contains(message.nestedName) {
                    run.reportDeleted(message, from: "the file", at: new.placeOfDeleted(message.nestedName))
                }
            }
        },
        BreakingRule(
            Rule(
                "SERVICE_NO_DELETE", file, "Services are not deleted from a file.",
                why: "code that names the service no longer builds, and calls of it end in UNIMPLEMENTED")
        ) { run in
            run.forEachFile { old, new, run in
                let names = Set(new.services.map(\.name))
                for service in old.services where !names.contains(service.name) {
                    run.report(
                        "the service `\(service.name)` was deleted from the file", at: new.place,
                        against: service.place, help: "keep it, with `option deprecated = true;`")
                }
            }
        },
    ]

    /// What a package had, it has, in whichever file.
    static let packageRules: [BreakingRule] = [
        BreakingRule(
            Rule(
                "PACKAGE_NO_DELETE", package, "Packages are not deleted.",
                why: "nothing that names it builds any more, and no path of its services is answered")
        ) { run in
            let names = Set(run.new.files.map(\.package))
            let files = run.old.files.filter { !run.isBuiltIn($0) }
            for (package, files) in Dictionary(grouping: files, by: \.package) where !names.contains(package) {
                let first = files.min { $0.name < $1.name }
                run.report(
                    "the package `\(package)` was deleted", at: nil, against: first?.place,
                    help: "keep it until nobody calls it")
            }
        },
        packageRule(
            "PACKAGE_ENUM_NO_DELETE", "Enums", elements: { $0.enums.map { ($0.nestedName, $0.place) } }
        ) { name, package, place, against, run in
            run.report(
                "the enum `\(name)` was deleted from the package `\(package)`", at: place, against: against,
                help: "keep it, with `option deprecated = true;`")
        },
        packageRule(
            "PACKAGE_EXTENSION_NO_DELETE", "Extensions",
            elements: { $0.allExtensions.map { ($0.nestedName, $0.place) } }
        ) { name, package, place, against, run in
            run.report(
                "the extension `\(name)` was deleted from the package `\(package)`", at: place, against: against,
                help: "keep it, with `[deprecated = true]`")
        },
        packageRule(
            "PACKAGE_MESSAGE_NO_DELETE", "Messages", elements: { $0.messages.map { ($0.nestedName, $0.place) } }
        ) { name, package, place, _, run in
            let fullName = package.isEmpty ? name : "\(package).\(name)"
            guard let message = run.old.messages[fullName] else { return }
            run.reportDeleted(message, from: "the package `\(package)`", at: place)
        },
        packageRule(
            "PACKAGE_SERVICE_NO_DELETE", "Services", elements: { $0.services.map { ($0.name, $0.place) } }
        ) { name, package, place, against, run in
            run.report(
                "the service `\(name)` was deleted from the package `\(package)`",
                at: place.map { ElementPlace(file: $0.file) }, against: against,
                help: "keep it, with `option deprecated = true;`")
        },
    ]

    private static func packageRule(
        _ name: String, _ subject: String,
        elements: @escaping @Sendable (ContractFile) -> [(name: String, place: ElementPlace)],
        report: @escaping @Sendable (String, String, ElementPlace?, ElementPlace, inout BreakingRun) -> Void
    ) -> BreakingRule {
        let rule = Rule(
            name, package, "\(subject) are not deleted from a package.",
            why: "code that names them no longer builds, in whichever file they were")
        return BreakingRule(rule) { run in
            let now = Dictionary(grouping: run.new.files, by: \.package).mapValues { files in
                Set(files.flatMap { elements($0).map(\.name) })
            }
            for file in run.old.files {
                // A package that is gone as a whole is another rule's.
                guard let names = now[file.package] else { continue }
                for element in elements(file) where !names.contains(element.name) {
                    let place = run.new.file(file.name)?.placeOfDeleted(element.name)
                    report(element.name, file.package, place, element.place, &run)
                }
            }
        }
    }
}

extension ContractFile {
    /// Where to say that something is gone: at the innermost message around it that is still there, else at the file.
    func placeOfDeleted(_ nestedName: String) -> ElementPlace {
        var outer = nestedName[...]
        while let dot = outer.lastIndex(of: ".") {
            outer = outer[..<dot]
            if let message = messages.first(where: { $0.nestedName == outer }) { return message.place }
        }
        return place
    }
}

extension BreakingRun {
    /// What every compiler brings along is there even if nobody imports it any more. Buf calls it deleted.
    fileprivate func isBuiltIn(_ file: ContractFile) -> Bool {
        comparison.options.comparesStructure && file.name.hasPrefix("google/protobuf/")
    }

    /// A message that is gone; if there is one of the same form that was not there before, it has only another name.
    mutating func reportDeleted(_ message: ContractMessage, from scope: String, at place: ElementPlace?) {
        guard comparison.options.comparesStructure, let now = comparison.shapes.successor(of: message) else {
            report(
                "the message `\(message.nestedName)` was deleted from \(scope)", at: place, against: message.place,
                help: "keep it, with `option deprecated = true;`")
            return
        }
        let isMoved = now.name == message.name
        let verb = isMoved ? "moved to `\(now.fullName)`" : "renamed to `\(now.fullName)`"
        report(
            "the message `\(message.nestedName)` was \(verb), same on the wire", at: place, against: message.place,
            help: "callers build again under the new name; nothing changes for programs that run "
                + "(an `Any` that names the old type is the exception)")
    }
}
