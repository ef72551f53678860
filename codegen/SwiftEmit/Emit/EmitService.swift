extension Printer {
    /// The methods' table: paths, kinds, and which may be repeated.
    mutating func descriptor(of service: SwiftService, in file: SwiftFile, _ access: Access) {
        let words = file.words
        let type = words.wire("ServiceDescriptor")
        block("\(access.word)static let \(service.descriptorName) = \(type)(", closing: ")") { printer in
            printer.line("fullName: \"\(service.fullName)\",", "file: \(file.namespace).\(file.descriptorName),")
            guard !service.methods.isEmpty else { return printer.line("methods: []") }
            printer.block("methods: [", closing: "]") { printer in
                for method in service.methods {
                    let path = "/\(service.fullName)/\(method.contractName)"
                    printer.line(
                        "\(words.wire("MethodDescriptor"))(path: \"\(path)\", name: \"\(method.contractName)\", "
                            + "kind: .\(method.kind), isIdempotent: \(method.isIdempotent)),")
                }
            }
        }
    }

    /// The protocol that a server implements.
    mutating func server(of service: SwiftService, _ words: Vocabulary, _ access: Access) {
        comment(service.comment)
        block("\(access.word)protocol \(service.name): \(words.rpc("RPCService")) {") { printer in
            for (index, method) in service.methods.enumerated() {
                if index > 0 { printer.line("") }
                printer.comment(method.comment)
                printer.line(method.requirement(words))
            }
        }
    }

    /// How a router comes to know the methods.
    mutating func registration(
        of service: SwiftService, in file: SwiftFile, _ access: Access, validated: Set<String>
    ) {
        let words = file.words
        let descriptor = "\(file.namespace).\(service.descriptorName)"
        block("extension \(file.namespace).\(service.name) {") { printer in
            printer.line(
                "\(access.word)static var descriptor: \(words.wire("ServiceDescriptor")) { \(descriptor) }", "")
            printer.block("\(access.word)func register(in router: inout \(words.rpc("Router"))) {") { printer in
                guard !service.methods.isEmpty else { return }
                printer.line("let methods = \(descriptor).methods")
                for (index, method) in service.methods.enumerated() {
                    printer.registration(of: method, index, words, isChecked: method.isChecked(validated))
                }
            }
        }
    }

    private mutating func registration(
        of method: SwiftService.Method, _ index: Int, _ words: Vocabulary, isChecked: Bool
    ) {
        let call = "call: \(words.rpc("Call"))"
        let reader = "requests: \(words.rpc("MessageReader"))<\(method.input)>"
        let writer = "replies: \(words.rpc("MessageWriter"))<\(method.output)>"
        // One request is checked before the handler runs, a stream's each before it is handed out.
        let requests = isChecked ? "requests.checking { try $0.requireValid() }" : "requests"
        let (parameters, arguments) =
            switch method.kind {
            case .unary: ("request: \(method.input), \(call)", "request, in: call")
            case .serverStreaming: ("request: \(method.input), \(writer), \(call)", "request, to: replies, in: call")
            case .clientStreaming: ("\(reader), \(call)", "\(requests), in: call")
            case .bidirectional: ("\(reader), \(writer), \(call)", "\(requests), to: replies, in: call")
            }
        let isCheckedFirst = isChecked && !method.isClientStreaming
        block("router.\(method.kind)(methods[\(index)]) { (\(parameters)) in") { printer in
            if isCheckedFirst { printer.line("try request.requireValid()") }
            printer.line((isCheckedFirst ? "return " : "") + "try await self.\(method.name)(\(arguments))")
        }
    }

    /// The stub that a client calls.
    mutating func client(of service: SwiftService, in file: SwiftFile, _ access: Access) {
        let words = file.words
        comment(service.comment + (service.comment.isEmpty ? [] : [""]) + ["The client's side of `\(service.name)`."])
        block("\(access.word)struct \(service.clientName): \(words.swift("Sendable")) {") { printer in
            let channel = words.rpc("Channel")
            printer.line("\(access.word)let channel: \(channel)", "")
            printer.block("\(access.word)init(_ channel: \(channel)) {") { $0.line("self.channel = channel") }
            for (index, method) in service.methods.enumerated() {
                printer.line("")
                printer.comment(method.comment)
                printer.stub(method, "\(file.namespace).\(service.descriptorName).methods[\(index)]", words, access)
            }
        }
    }

    private mutating func stub(
        _ method: SwiftService.Method, _ descriptor: String, _ words: Vocabulary, _ access: Access
    ) {
        // The caller's own type. It hides nothing: every type of a contract goes by its full name.
        let result = "Result"
        let generic = method.isServerStreaming ? "<\(result): \(words.swift("Sendable"))>" : ""
        let reader = "\(words.rpc("MessageReader"))<\(method.output)>"
        let writer = "\(words.rpc("MessageWriter"))<\(method.input)>"
        // What the caller does with a stream is a closure; a unary call has none.
        let closure: (name: String, type: String)? =
            switch method.kind {
            case .unary: nil
            case .serverStreaming: ("receive", "(\(reader)) async throws -> \(result)")
            case .clientStreaming: ("send", "(\(writer)) async throws -> Void")
            case .bidirectional: ("exchange", "(\(writer), \(reader)) async throws -> \(result)")
            }
        let answer = method.isServerStreaming ? result : method.output
        let options = words.rpc("CallOptions")
        block("\(access.word)func \(method.name)\(generic)(", closing: ") async throws -> \(answer) {") { printer in
            if !method.isClientStreaming { printer.line("_ request: \(method.input),") }
            printer.line("in call: \(words.rpc("Call"))? = nil,")
            printer.line("options: \(options) = \(options)()" + (closure == nil ? "" : ","))
            if let closure { printer.line("_ \(closure.name): \(closure.type)") }
        }
        indented { printer in
            let first = method.isClientStreaming ? "" : "request, "
            let last = closure.map { ", " + $0.name } ?? ""
            printer.line("try await channel.\(method.kind)(\(descriptor), \(first)call: call, options: options\(last))")
        }
        line("}")
    }
}

extension SwiftService.Method {
    /// Which sides stream; the names are those of `ProtoWire.MethodKind` and of the runtime's methods.
    enum Kind: String {
        case unary, clientStreaming, serverStreaming, bidirectional
    }

    var kind: Kind {
        switch (isClientStreaming, isServerStreaming) {
        case (false, false): .unary
        case (true, false): .clientStreaming
        case (false, true): .serverStreaming
        case (true, true): .bidirectional
        }
    }

    /// Whether its requests are checked before the handler sees them.
    func isChecked(_ validated: Set<String>) -> Bool { validated.contains(input) }

    /// What the protocol demands of a server.
    func requirement(_ words: Vocabulary) -> String {
        let requests =
            isClientStreaming ? "_ requests: \(words.rpc("MessageReader"))<\(input)>" : "_ request: \(input)"
        let replies = isServerStreaming ? ", to replies: \(words.rpc("MessageWriter"))<\(output)>" : ""
        let result = isServerStreaming ? "" : " -> \(output)"
        return "func \(name)(\(requests)\(replies), in call: \(words.rpc("Call"))) async throws\(result)"
    }
}
