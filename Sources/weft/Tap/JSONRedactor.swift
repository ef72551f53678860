import Descriptors

/// Hides in a message's JSON what the contract marks `debug_redact = true`: the fields, and the values of enums.
///
///     {"user":"ana","password":"x"}  ──▶  {"user":"ana","password":"[REDACTED]"}
///
/// The text is what our own transcoder wrote, so it is copied as it stands but for the values of marked fields.
/// Whatever kind a marked field is of, and however many values it holds, one text takes its place.
struct JSONRedactor {
    static let hidden = "[REDACTED]"

    private let types: [String: MessageKind]
    private let enums: [String: Set<String>]

    private struct MessageKind {
        /// By both of their names: the JSON name and the contract's.
        var fields: [String: FieldKind] = [:]
        var isMapEntry = false
    }

    private struct FieldKind {
        var isRedacted: Bool
        /// The type's full name, of messages and enums.
        var type: String?
        var isMessage: Bool
    }

    /// `files` are all files of the contracts that messages may come from.
    init(_ files: [FileDescriptorProto]) {
        var types: [String: MessageKind] = [:]
        var enums: [String: Set<String>] = [:]
        func add(_ enumeration: EnumDescriptorProto, in scope: String) {
            let marked = enumeration.value.filter { $0.options?.debugRedact == true }.compactMap(\.name)
            if !marked.isEmpty { enums[Self.join(scope, enumeration.name)] = Set(marked) }
        }
        func add(_ message: DescriptorProto, in scope: String) {
            let name = Self.join(scope, message.name)
            var kind = MessageKind()
            kind.isMapEntry = message.options?.mapEntry == true
            for field in message.field {
                let known = FieldKind(
                    isRedacted: field.options?.debugRedact == true,
                    type: field.typeName.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 },
                    isMessage: field.type == .message || field.type == .group)
                for name in [field.name, field.jsonName ?? field.name.map(Self.jsonName)] {
                    if let name { kind.fields[name] = known }
                }
            }
            types[name] = kind
            for nested in message.nestedType { add(nested, in: name) }
            for enumeration in message.enumType { add(enumeration, in: name) }
        }
        for file in files {
            for message in file.messageType { add(message, in: file.package ?? "") }
            for enumeration in file.enumType { add(enumeration, in: file.package ?? "") }
        }
        self.types = types
        self.enums = enums
    }

    /// The JSON of a message of this type without what must not be seen.
    func redacted(_ json: String, type: String) -> String {
        var walk = Walk(json: Array(json.utf8), rules: self)
        walk.value(FieldKind(isRedacted: false, type: type, isMessage: true), depth: 0)
        return String(decoding: walk.out, as: UTF8.self)
    }

    private static func join(_ scope: String, _ name: String?) -> String {
        scope.isEmpty ? name ?? "" : "\(scope).\(name ?? "")"
    }

    /// As protoc makes it where a file does not say it: `video_url` is `videoUrl`.
    private static func jsonName(_ name: String) -> String {
        var json = ""
        var raises = false
        for letter in name {
            if letter == "_" {
                raises = true
            } else {
                json += raises ? letter.uppercased() : String(letter)
                raises = false
            }
        }
        return json
    }

    /// One pass over a text.
    private struct Walk {
        /// What our transcoder writes is no deeper; of deeper text nothing is shown.
        static let mostDepth = 200

        let json: [UInt8]
        let rules: JSONRedactor
        var out: [UInt8] = []
        private var index = 0

        init(json: [UInt8], rules: JSONRedactor) {
            self.json = json
            self.rules = rules
        }

        /// Copies a value of a field, without what must be hidden in it. nil: a value of no known type.
        mutating func value(_ field: FieldKind?, depth: Int) {
            if field?.isRedacted == true || depth > Self.mostDepth {
                skipValue()
                return say(JSONRedactor.hidden)
            }
            switch peek {
            case UInt8(ascii: "{"): object(field, depth: depth + 1)
            case UInt8(ascii: "["): list(field, depth: depth + 1)
            default: scalar(field)
            }
        }

        private mutating func object(_ field: FieldKind?, depth: Int) {
            take()
            var kind = field.flatMap { $0.isMessage ? $0.type : nil }.flatMap { rules.types[$0] }
            while index < json.count, peek != UInt8(ascii: "}") {
                if peek == UInt8(ascii: ",") { take() }
                let name = text()
                if index < json.count { take() }  // the colon
                if name == "@type", kind?.fields["@type"] == nil {
                    // google.protobuf.Any: from here on the members are those of the type that it names.
                    let type = text()
                    kind = rules.types[String(type.split(separator: "/").last ?? "")]
                    continue
                }
                // Of a map all values are of the entry's second field.
                value(kind?.isMapEntry == true ? kind?.fields["value"] : kind?.fields[name], depth: depth)
            }
            if index < json.count { take() }
        }

        private mutating func list(_ field: FieldKind?, depth: Int) {
            take()
            while index < json.count, peek != UInt8(ascii: "]") {
                if peek == UInt8(ascii: ",") { take() }
                value(field, depth: depth)
            }
            if index < json.count { take() }
        }

        private mutating func scalar(_ field: FieldKind?) {
            let start = index
            skipValue()
            let marked = field.flatMap { $0.type }.flatMap { rules.enums[$0] }
            if let marked, json[start] == UInt8(ascii: "\""), index - start >= 2,
                marked.contains(String(decoding: json[(start + 1)..<(index - 1)], as: UTF8.self))
            {
                return say(JSONRedactor.hidden)
            }
            out += json[start..<index]
        }

        // MARK: Text

        private var peek: UInt8 { index < json.count ? json[index] : 0 }

        private mutating func take() {
            out.append(json[index])
            index += 1
        }

        private mutating func say(_ text: String) { out += Array("\"\(text)\"".utf8) }

        /// Copies a text and answers what it says; names of fields and types hold nothing that is escaped.
        private mutating func text() -> String {
            let start = index
            skipText()
            out += json[start..<index]
            return index - start < 2 ? "" : String(decoding: json[(start + 1)..<(index - 1)], as: UTF8.self)
        }

        private mutating func skipText() {
            index += 1
            while index < json.count, json[index] != UInt8(ascii: "\"") {
                index += json[index] == UInt8(ascii: "\\") ? 2 : 1
            }
            index = min(index + 1, json.count)
        }

        private mutating func skipValue() {
            var depth = 0
            while index < json.count {
                switch json[index] {
                case UInt8(ascii: "\""): skipText()
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    index += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return }
                    depth -= 1
                    index += 1
                case UInt8(ascii: ",") where depth == 0: return
                default: index += 1
                }
                if depth == 0, index < json.count,
                    [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(json[index])
                {
                    return
                }
            }
        }
    }
}
