/// Messages of contracts that ask for small code: a table, and code for what a table cannot say.
extension Printer {
    mutating func table(_ model: SwiftMessage, in file: SwiftFile, scope: String, _ access: Access) {
        let words = file.words
        let layout = words.wire("FieldLayout")
        let rows = TableRow.rows(of: model)
        block("\(access.word)static let layout: [\(layout)] = [", closing: "]") { printer in
            for row in rows {
                guard case .table(let shape, let scalar) = row.kind else {
                    printer.line("\(layout)(code: \(row.field.number)),")
                    continue
                }
                let offset = "\(words.swift("MemoryLayout"))<\(scope)>.offset(of: \\\(scope).\(row.field.name))"
                printer.line("\(layout)(\(row.field.number), .\(shape), .\(scalar), \(offset)),")
            }
        }
        line("")
        let uint = words.swift("UInt32")
        let reader = "from reader: inout \(words.wire("WireReader"))) throws(\(words.wire("DecodeError")))"
        block("\(access.word)mutating func mergeField(_ tag: \(uint), \(reader) {") { printer in
            let coded = rows.filter { $0.kind == .code }
            guard !coded.isEmpty else { return printer.line("try reader.unknown(tag, &unknownFields)") }
            printer.line("switch tag {")
            for row in coded {
                if let oneof = row.oneof { printer.read(row.field, into: oneof) } else { printer.read(row.field) }
            }
            printer.line("default: try reader.unknown(tag, &unknownFields)", "}")
        }
        line("")
        let writer = "into writer: inout \(words.wire("WireWriter"))) {"
        block("\(access.word)func encodeField(_ fieldNumber: \(uint), \(writer)") { printer in
            let coded = rows.filter { $0.kind == .code }
            guard !coded.isEmpty else { return }
            printer.line("switch fieldNumber {")
            for row in coded {
                printer.line("case \(row.field.number):")
                printer.indented { printer in
                    guard let oneof = row.oneof else { return printer.write(row.field) }
                    let name = Body.reference(oneof.name)
                    printer.line("if case .\(row.field.name)(let value)? = \(name) { \(row.field.write("value")) }")
                }
            }
            printer.line("default: break", "}")
        }
    }
}

/// A field and who reads and writes it.
private struct TableRow {
    enum Kind: Equatable {
        /// The names of the layout's shape and scalar.
        case table(String, String)
        case code
    }

    let field: SwiftField
    let oneof: SwiftOneof?
    let kind: Kind

    /// In the order of the numbers.
    static func rows(of model: SwiftMessage) -> [TableRow] {
        var rows: [TableRow] = []
        for member in model.members {
            switch member {
            case .field(let field): rows.append(TableRow(field: field, oneof: nil, kind: kind(of: field)))
            case .oneof(let oneof):
                rows += oneof.fields.map { TableRow(field: $0, oneof: oneof, kind: .code) }
            }
        }
        return rows.sorted { $0.field.number < $1.field.number }
    }

    private static func kind(of field: SwiftField) -> Kind {
        switch field.shape {
        case .implicit(let scalar) where scalar.isEnum: scalar.isClosed ? .code : .table("implicit", "enumeration")
        case .implicit(let scalar): .table("implicit", scalar.method)
        case .explicit(let scalar) where !scalar.isEnum: .table("explicit", scalar.method)
        case .repeated(let scalar, let packed) where !scalar.isEnum:
            .table(packed ? "packed" : "repeated", scalar.method)
        default: .code
        }
    }
}
