import ProtoCheck

extension LintRule {
    /// How messages, fields, oneofs and files are called.
    static let namingRules: [LintRule] = [
        LintRule(
            Rule(
                "ENUM_PASCAL_CASE", basic, "Enums are PascalCase.",
                why: "generators make type names of them, and other forms turn out differently in each language")
        ) { run in
            run.forEachEnum { enumeration, run in
                run.checkName(
                    "enum", enumeration.name, Naming.pascalCase(enumeration.name), at: enumeration.place.part(1))
            }
        },
        LintRule(
            Rule(
                "FIELD_LOWER_SNAKE_CASE", basic, "Fields are lower_snake_case.",
                why: "JSON names and the names in every language are derived from this form")
        ) { run in
            run.forEachField { field, run in
                guard !field.isInMapEntry else { return }
                run.checkName("field", field.name, Naming.lowerSnakeCase(field.name), at: field.place.part(1))
            }
        },
        LintRule(
            Rule(
                "MESSAGE_PASCAL_CASE", basic, "Messages are PascalCase.",
                why: "generators make type names of them, and other forms turn out differently in each language")
        ) { run in
            run.forEachMessage { message, run in
                guard !message.isMapEntry else { return }
                run.checkName("message", message.name, Naming.pascalCase(message.name), at: message.place.part(1))
            }
        },
        LintRule(
            Rule(
                "ONEOF_LOWER_SNAKE_CASE", basic, "Oneofs are lower_snake_case.",
                why: "they are named like fields, so they should look like fields")
        ) { run in
            run.forEachMessage { message, run in
                for oneof in message.oneofs where !oneof.isSynthetic {
                    run.checkName("oneof", oneof.name, Naming.lowerSnakeCase(oneof.name), at: oneof.place.part(1))
                }
            }
        },
        LintRule(
            Rule(
                "RPC_PASCAL_CASE", basic, "RPCs are PascalCase.",
                why: "the name is part of the path of every call, and generators make method names of it")
        ) { run in
            run.forEachMethod { method, _, run in
                run.checkName("rpc", method.name, Naming.pascalCase(method.name), at: method.place.part(1))
            }
        },
        LintRule(
            Rule(
                "SERVICE_PASCAL_CASE", basic, "Services are PascalCase.",
                why: "the name is part of the path of every call, and generators make type names of it")
        ) { run in
            run.forEachService { service, run in
                run.checkName("service", service.name, Naming.pascalCase(service.name), at: service.place.part(1))
            }
        },
        LintRule(
            Rule(
                "FILE_LOWER_SNAKE_CASE", standard, "Files are lower_snake_case.proto.",
                why: "some file systems do not tell small letters from capitals")
        ) { run in
            for file in run.files {
                let base =
                    file.name.lastIndex(of: "/").map { String(file.name[file.name.index(after: $0)...]) } ?? file.name
                let stem = base.lastIndex(of: ".").map { String(base[..<$0]) } ?? base
                let ending = base.dropFirst(stem.count)
                let expected = Naming.lowerSnakeCase(stem) + ending
                if base != expected {
                    run.report(
                        "the file name `\(base)` should be lower_snake_case", at: file.place,
                        help: "name it `\(expected)`")
                }
            }
        },
        LintRule(
            Rule(
                "SERVICE_SUFFIX", standard, "Services have the same suffix (configurable, `Service` by default).",
                why: "a service and a message of the same name would clash in generated code")
        ) { run in
            let suffix = run.options.serviceSuffix
            run.forEachService { service, run in
                guard !service.name.hasSuffix(suffix) else { return }
                run.report(
                    "the service `\(service.name)` should end in `\(suffix)`", at: service.place.part(1),
                    help: "rename it to `\(service.name)\(suffix)`")
            }
        },
    ]
}

extension LintRun {
    mutating func checkName(_ kind: String, _ name: String, _ expected: String, at place: ElementPlace) {
        guard name != expected else { return }
        let form =
            switch kind {
            case "field", "oneof": "lower_snake_case"
            default: "PascalCase"
            }
        report("the \(kind) `\(name)` should be \(form)", at: place, help: "rename it to `\(expected)`")
    }

    // MARK: - Walks

    mutating func forEachMessage(_ body: (ContractMessage, inout LintRun) -> Void) {
        for file in files {
            for message in file.messages { body(message, &self) }
        }
    }

    /// Of fields and extensions.
    mutating func forEachField(_ body: (ContractField, inout LintRun) -> Void) {
        for file in files {
            for message in file.messages {
                for field in message.fields + message.extensions { body(field, &self) }
            }
            for field in file.extensions { body(field, &self) }
        }
    }

    mutating func forEachEnum(_ body: (ContractEnum, inout LintRun) -> Void) {
        for file in files {
            for enumeration in file.enums { body(enumeration, &self) }
        }
    }

    mutating func forEachService(_ body: (ContractService, inout LintRun) -> Void) {
        for file in files {
            for service in file.services { body(service, &self) }
        }
    }

    mutating func forEachMethod(_ body: (ContractMethod, ContractService, inout LintRun) -> Void) {
        forEachService { service, run in
            for method in service.methods { body(method, service, &run) }
        }
    }
}
