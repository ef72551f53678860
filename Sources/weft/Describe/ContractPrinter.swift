import Descriptors

/// Prints a symbol as the contract declares it, with full type names and without its options' layout.
struct ContractPrinter {
    private var lines: [String] = []
    private var depth = 0

    static func text(of symbol: ContractIndex.Symbol) -> String {
        var printer = ContractPrinter()
        switch symbol {
        case .message(let message): printer.message(message)
        case .enumeration(let enumeration): printer.enumeration(enumeration)
        case .service(let service): printer.service(service)
        case .method(let method, _): printer.method(method)
        }
        return printer.lines.joined(separator: "\n") + "\n"
    }

    private mutating func line(_ text: String) {
        lines.append(String(repeating: "  ", count: depth) + text)
    }

    private mutating func block(_ head: String, _ body: (inout ContractPrinter) -> Void) {
        line("\(head) {")
        depth += 1
        body(&self)
        depth -= 1
        line("}")
    }

    private mutating func service(_ service: ServiceDescriptorProto) {
        block("service \(service.name ?? "")") { printer in
            for method in service.method { printer.method(method) }
        }
    }

    private mutating func method(_ method: MethodDescriptorProto) {
        let input = (method.clientStreaming == true ? "stream " : "") + ContractPrinter.plain(method.inputType)
        let output = (method.serverStreaming == true ? "stream " : "") + ContractPrinter.plain(method.outputType)
        let level = method.options?.idempotencyLevel.map { level in
            switch level {
            case .noSideEffects: "  // no side effects"
            case .idempotent: "  // idempotent"
            default: ""
            }
        }
        line("rpc \(method.name ?? "")(\(input)) returns (\(output));\(level ?? "")")
    }

    private mutating func enumeration(_ enumeration: EnumDescriptorProto) {
        block("enum \(enumeration.name ?? "")") { printer in
            for value in enumeration.value { printer.line("\(value.name ?? "") = \(value.number ?? 0);") }
        }
    }

    private mutating func message(_ message: DescriptorProto) {
        block("message \(message.name ?? "")") { printer in
            for nested in message.enumType { printer.enumeration(nested) }
            for nested in message.nestedType where nested.options?.mapEntry != true { printer.message(nested) }
            var shown: Set<Int32> = []
            for field in message.field {
                guard let index = field.oneofIndex, field.proto3Optional != true else {
                    printer.field(field, in: message)
                    continue
                }
                guard shown.insert(index).inserted else { continue }
                printer.block("oneof \(message.oneofDecl[Int(index)].name ?? "")") { inner in
                    for member in message.field where member.oneofIndex == index { inner.field(member, in: message) }
                }
            }
        }
    }

    private mutating func field(_ field: FieldDescriptorProto, in message: DescriptorProto) {
        var label = ""
        var type = ContractPrinter.typeName(of: field)
        if field.label == .repeated {
            let entry = message.nestedType.first { nested in
                nested.options?.mapEntry == true && (field.typeName ?? "").hasSuffix(".\(nested.name ?? "")")
            }
            if let entry, entry.field.count == 2 {
                type =
                    "map<\(ContractPrinter.typeName(of: entry.field[0])), \(ContractPrinter.typeName(of: entry.field[1]))>"
            } else {
                label = "repeated "
            }
        } else if field.proto3Optional == true {
            label = "optional "
        }
        line("\(label)\(type) \(field.name ?? "") = \(field.number ?? 0);")
    }

    private static func plain(_ name: String?) -> String {
        let name = name ?? ""
        return name.hasPrefix(".") ? String(name.dropFirst()) : name
    }

    private static func typeName(of field: FieldDescriptorProto) -> String {
        switch field.type {
        case .double: "double"
        case .float: "float"
        case .int64: "int64"
        case .uint64: "uint64"
        case .int32: "int32"
        case .fixed64: "fixed64"
        case .fixed32: "fixed32"
        case .bool: "bool"
        case .string: "string"
        case .bytes: "bytes"
        case .uint32: "uint32"
        case .sfixed32: "sfixed32"
        case .sfixed64: "sfixed64"
        case .sint32: "sint32"
        case .sint64: "sint64"
        default: plain(field.typeName)
        }
    }
}
