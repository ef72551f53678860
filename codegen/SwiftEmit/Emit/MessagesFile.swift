/// The file `*.pb.swift` of a contract: its descriptor, its messages and its enums.
struct MessagesFile {
    private let file: SwiftFile
    private let access: Access
    private let views: Bool

    init(_ file: SwiftFile, _ options: EmitOptions) {
        self.file = file
        access = Access(options.visibility)
        views = options.views
    }

    var text: String {
        var printer = Printer()
        printer.header(file, access, shown: file.messageModules.union(["ProtoWire"]), hidden: file.hiddenModules)
        printer.line("")
        descriptor(&printer)
        var waiting = file.messages.map { (scope: file.namespace, model: $0) }
        var next = 0
        while next < waiting.count {
            let (scope, model) = waiting[next]
            next += 1
            printer.line("")
            printer.block("extension \(scope) {") { printer in
                printer.message(model, in: file, access, scope: scope, later: &waiting)
            }
        }
        for enumeration in file.enums {
            printer.line("")
            printer.block("extension \(file.namespace) {") { $0.enumeration(enumeration, file.words, access) }
        }
        if !file.extensions.isEmpty {
            printer.line("")
            printer.block("extension \(file.namespace) {") { printer in
                for field in file.extensions { printer.extensionField(field, file.words, access) }
            }
        }
        if views, !file.messages.isEmpty {
            // Types that cannot escape their bytes are still an experimental feature of the language.
            printer.line("", "#if hasFeature(Lifetimes)")
            let model = ViewFile(file, access)
            for message in file.messages { printer.view(message, model, scope: file.namespace) }
            printer.line("", "#endif")
        }
        return printer.text
    }

    private func descriptor(_ printer: inout Printer) {
        printer.block("extension \(file.namespace) {") { printer in
            printer.comment(file.comment)
            let type = file.words.wire("GeneratedFile")
            printer.block("\(access.word)static let \(file.descriptorName) = \(type)(", closing: ")") { printer in
                printer.line("name: \"\(file.path)\",", "descriptorBase64: \"\"\"")
                printer.indented { rows(&$0) }
                dependencies(&printer)
            }
        }
    }

    /// The base64 in rows of a readable width, each but the last with its line end escaped.
    private func rows(_ printer: inout Printer) {
        var rest = Substring(file.descriptorBase64)
        while rest.utf8.count > MessagesFile.rowWidth {
            printer.line(rest.prefix(MessagesFile.rowWidth) + "\\")
            rest = rest.dropFirst(MessagesFile.rowWidth)
        }
        printer.line(String(rest), "\"\"\",")
    }

    /// With its indentation a row stays under the 120 columns of all other code.
    private static let rowWidth = 104

    private func dependencies(_ printer: inout Printer) {
        guard !file.dependencies.isEmpty else { return printer.line("dependencies: []") }
        printer.block("dependencies: [", closing: "]") { printer in
            for constant in file.dependencies { printer.line(constant + ",") }
        }
    }
}
