/// The file `*.rpc.swift` of a contract: for each service what a server implements and what a client calls.
struct ServicesFile {
    private let file: SwiftFile
    private let access: Access
    private let validatedTypes: Set<String>

    init(_ file: SwiftFile, _ options: EmitOptions) {
        self.file = file
        access = Access(options.visibility)
        validatedTypes = options.validatedTypes
    }

    private var checks: Bool {
        file.services.contains { service in service.methods.contains { $0.isChecked(validatedTypes) } }
    }

    var text: String {
        var printer = Printer()
        printer.header(
            file, access, shown: file.serviceModules.union(["ProtoWire", "RPC"]), hidden: checks ? ["Validation"] : [])
        for service in file.services {
            printer.line("")
            printer.block("extension \(file.namespace) {") { $0.descriptor(of: service, in: file, access) }
            printer.line("")
            printer.block("extension \(file.namespace) {") { $0.server(of: service, file.words, access) }
            printer.line("")
            printer.registration(of: service, in: file, access, validated: validatedTypes)
            printer.line("")
            printer.block("extension \(file.namespace) {") { $0.client(of: service, in: file, access) }
        }
        return printer.text
    }
}
