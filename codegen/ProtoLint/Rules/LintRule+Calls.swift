import ProtoCheck

extension LintRule {
    /// How the messages of RPCs are called, and that each has its own.
    static let rpcRules: [LintRule] = [
        LintRule(
            Rule(
                "RPC_REQUEST_RESPONSE_UNIQUE", standard,
                "Each RPC has a request and a response of its own (configurable).",
                why: "two RPCs that share a message cannot grow apart: what one needs, the other has to explain")
        ) { run in
            run.checkUniqueMessages()
        },
        LintRule(
            Rule(
                "RPC_REQUEST_STANDARD_NAME", standard,
                "The request of an RPC is named after it: `NameRequest` or `ServiceNameRequest` (configurable).",
                why: "who reads a message should see which call it belongs to")
        ) { run in
            run.forEachMethod { method, service, run in
                guard !(run.options.allowsEmptyRequests && method.input == LintRun.empty) else { return }
                run.checkMessageName(method.input, "Request", of: method, service, at: method.place.part(2))
            }
        },
        LintRule(
            Rule(
                "RPC_RESPONSE_STANDARD_NAME", standard,
                "The response of an RPC is named after it: `NameResponse` or `ServiceNameResponse` (configurable).",
                why: "who reads a message should see which call it belongs to")
        ) { run in
            run.forEachMethod { method, service, run in
                guard !(run.options.allowsEmptyResponses && method.output == LintRun.empty) else { return }
                run.checkMessageName(method.output, "Response", of: method, service, at: method.place.part(3))
            }
        },
    ]

    /// For teams whose gateways know unary calls only.
    static let streamingRules: [LintRule] = [
        LintRule(
            Rule(
                "RPC_NO_CLIENT_STREAMING", ["UNARY_RPC"], "RPCs do not stream requests.",
                why: "browsers and many gateways cannot send a stream, and a stream cannot be retried")
        ) { run in
            run.forEachMethod { method, _, run in
                guard method.isClientStreaming else { return }
                run.report(
                    "the rpc `\(method.name)` streams its requests", at: method.place, help: "take `stream` out")
            }
        },
        LintRule(
            Rule(
                "RPC_NO_SERVER_STREAMING", ["UNARY_RPC"], "RPCs do not stream responses.",
                why: "a stream binds a connection and cannot be retried or cached; pages can")
        ) { run in
            run.forEachMethod { method, _, run in
                guard method.isServerStreaming else { return }
                run.report(
                    "the rpc `\(method.name)` streams its responses", at: method.place,
                    help: "take `stream` out, and answer in pages")
            }
        },
    ]
}

extension LintRun {
    static let empty = "google.protobuf.Empty"

    fileprivate mutating func checkMessageName(
        _ type: String, _ ending: String, of method: ContractMethod, _ service: ContractService, at place: ElementPlace
    ) {
        let name = type.lastIndex(of: ".").map { String(type[type.index(after: $0)...]) } ?? type
        let short = Naming.pascalCase(method.name) + ending
        let long = Naming.pascalCase(service.name) + short
        guard name != short, name != long else { return }
        let role = ending == "Request" ? "request" : "response"
        report(
            "the \(role) `\(name)` of the rpc `\(method.name)` should be named after it", at: place,
            help: "name it `\(short)` or `\(long)`")
    }

    fileprivate mutating func checkUniqueMessages() {
        let methods = files.flatMap { file in file.services.flatMap(\.methods) }
        if !options.allowsSameRequestAndResponse {
            for method in methods where method.input == method.output {
                let isAllowed =
                    method.input == LintRun.empty && options.allowsEmptyRequests && options.allowsEmptyResponses
                guard !isAllowed else { continue }
                report(
                    "the rpc `\(method.name)` has the same request and response, `\(method.input)`", at: method.place,
                    help: "give it a request and a response of its own")
            }
        }
        let users = Dictionary(
            methods.flatMap { method in Set([method.input, method.output]).map { ($0, [method]) } }, uniquingKeysWith: +
        )
        for (type, users) in users where users.count > 1 {
            for method in sharers(of: type, among: users) {
                report(
                    "`\(type)` is a request or response of several rpcs, of `\(method.name)` too", at: method.place,
                    help: "give each rpc messages of its own")
            }
        }
    }

    /// The methods that may not share the type; `google.protobuf.Empty` may be allowed in one place or both.
    private func sharers(of type: String, among users: [ContractMethod]) -> [ContractMethod] {
        let (requests, responses) = (options.allowsEmptyRequests, options.allowsEmptyResponses)
        guard type == LintRun.empty, requests || responses else { return users }
        let inputs = users.filter { $0.input == type }
        let outputs = users.filter { $0.output == type }
        return (requests || inputs.count < 2 ? [] : inputs) + (responses || outputs.count < 2 ? [] : outputs)
    }
}
