/// The file `*.rpc.swift` of a contract: for each service what a server implements and what a client calls.
struct ServicesFile {
    private let file: SwiftFile
    private let access: Access

    init(_ file: SwiftFile, _ options: EmitOptions) {
        self.file = file
        access = Access(options.visibility)
    }

    var text: String {
        var printer = Printer()
        printer.header(file, access, shown: file.serviceModules.union(["ProtoWire", "RPC"]), hidden: [])
        for service in file.services {
            printer.line("")
            printer.block("extension \(file.namespace) {") { $0.descriptor(of: service, in: file, access) }
            printer.line("")
            printer.block("extension \(file.namespace) {") { $0.server(of: service, file.words, access) }
            printer.line("")
            printer.registration(of: service, in: file, access)
            printer.line("")
            printer.block("extension \(file.namespace) {") { $0.client(of: service, in: file, access) }
        }
        return printer.text
    }
}
