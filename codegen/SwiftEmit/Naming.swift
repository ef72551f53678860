/// How names of a contract become names in Swift.
///
/// Each rule reads one name and nothing around it, so a name does not change when its neighbours do. Where two names would
/// become the same, `NameScope` tells them apart.
package enum Naming {
    /// `learn.course.v1` becomes `LearnCourseV1`. A file without a package lives in `Unpackaged`. A namespace that would
    /// hide a type which every file uses has a word behind it: `ErrorPackage`.
    package static func namespace(_ package: String) -> String {
        guard !package.isEmpty else { return "Unpackaged" }
        let name = package.split(separator: ".").map { upperCamel(String($0)) }.joined()
        return takenByNamespaces.contains(name) || takenByTypes.contains(name) ? name + "Package" : name
    }

    /// `video_url` becomes `VideoUrl`; capitals that are there stay: `HTTPRule` is `HTTPRule`.
    package static func upperCamel(_ name: String) -> String {
        let joined = name.split(separator: "_").map { capitalized($0) }.joined()
        guard let first = joined.first else { return "X" }
        return first.isNumber ? "X" + joined : joined
    }

    /// `video_url` becomes `videoUrl`, `GetCourse` `getCourse`, `HTTPRule` `httpRule`.
    package static func lowerCamel(_ name: String) -> String {
        let parts = name.split(separator: "_")
        guard let head = parts.first else { return "x" }
        let joined = lowercasedHead(head) + parts.dropFirst().map { capitalized($0) }.joined()
        return joined.first?.isNumber == true ? "x" + joined : joined
    }

    /// `LEVEL_BEGINNER` of `Level` becomes `beginner`; a name that would begin with a digit keeps its prefix.
    package static func enumValue(_ name: String, of enumName: String) -> String {
        let prefix = upperSnake(enumName) + "_"
        let rest = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
        let usable = rest.first(where: { $0 != "_" }).map { !$0.isNumber } ?? false
        return lowerCamel(relaxed(usable ? rest : name))
    }

    /// `ServingStatus` becomes `SERVING_STATUS`: the prefix that style guides want before the values of an enum.
    package static func upperSnake(_ name: String) -> String {
        let letters = Array(name)
        var text = ""
        for (index, letter) in letters.enumerated() {
            let afterSmall = index > 0 && (letters[index - 1].isLowercase || letters[index - 1].isNumber)
            let endsRun =
                index > 0 && letters[index - 1].isUppercase && index + 1 < letters.count
                && letters[index + 1].isLowercase
            if letter.isUppercase, afterSmall || endsRun { text += "_" }
            text += letter.uppercased()
        }
        return text
    }

    /// A member's name where it is declared or stands alone: in back-ticks if Swift reads it as a keyword.
    package static func escaped(_ name: String) -> String {
        keywords.contains(name) ? "`\(name)`" : name
    }

    /// `learn/course/v1/course.proto` becomes `course`.
    package static func fileStem(_ path: String) -> String {
        withoutSuffix(path.split(separator: "/").last.map(String.init) ?? path)
    }

    /// `learn/course/v1/course.proto` becomes `learn/course/v1/course`.
    package static func withoutSuffix(_ path: String) -> String {
        path.hasSuffix(".proto") ? String(path.dropLast(".proto".count)) : path
    }

    /// A name of letters, digits and underscores out of anything else that a file may be called.
    package static func identifier(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    /// `FOO_BAR` as `foo_bar`; a name that has small letters is left as it is.
    private static func relaxed(_ name: String) -> String {
        name.contains(where: \.isLowercase) ? name : name.lowercased()
    }

    private static func capitalized(_ part: Substring) -> String {
        part.prefix(1).uppercased() + part.dropFirst()
    }

    /// Lowers the run of capitals at the head, but for the last one if a word starts there: `HTTPRule` -> `httpRule`.
    private static func lowercasedHead(_ part: Substring) -> String {
        let run = part.prefix(while: \.isUppercase)
        let rest = part.dropFirst(run.count)
        guard run.count > 1, rest.first?.isLowercase == true else { return run.lowercased() + rest }
        return run.dropLast().lowercased() + run.suffix(1) + rest
    }
}

extension Naming {
    /// What a property cannot be called: members that every message has, and words that Swift gives no back-ticks for.
    package static let takenByMessages: Set<String> = [
        "init", "self", "descriptor", "unknownFields", "merge", "encode", "encoded", "encodedChunk",
        "missingField", "isInitialized",
    ]

    /// What a case cannot be called; `none` and `some` would be taken for the optional around the oneof.
    package static let takenByCases: Set<String> = ["init", "self", "none", "some"]

    package static let takenByEnums: Set<String> = ["init", "self", "rawValue", "isNamed"]

    /// What a type cannot be called: Swift's own words, and the modules that generated code names.
    package static let takenByTypes: Set<String> = ["Any", "Protocol", "Self", "Type", "Swift", "ProtoWire", "RPC"]

    /// The standard library's types that generated code or its users cannot do without.
    private static let takenByNamespaces: Set<String> = [
        "Array", "Bool", "Character", "Comparable", "Dictionary", "Double", "Duration", "Equatable", "Error", "Float",
        "Hashable", "Int", "Int16", "Int32", "Int64", "Int8", "Never", "Optional", "Result", "Sendable", "Set",
        "String",
        "Substring", "Task", "UInt", "UInt16", "UInt32", "UInt64", "UInt8", "Void",
        // And the runtime's.
        "Box", "Call", "CallOptions", "Channel", "DecodeError", "DecodeOptions", "ExtensibleMessage", "ExtensionField",
        "GeneratedFile", "Message", "MessageDescriptor", "MessageReader", "MessageWriter", "MethodDescriptor",
        "ProtoEnum", "ProtoMap", "RPCError", "RPCService", "RequiredFields", "Router", "ServiceDescriptor",
        "UnknownFields", "WireReader", "WireWriter",
    ]

    private static let keywords: Set<String> = [
        "Any", "Self", "as", "associatedtype", "await", "break", "case", "catch", "class", "continue", "default",
        "defer",
        "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard",
        "if",
        "import", "in", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private", "protocol",
        "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript", "super", "switch", "throw",
        "throws", "true", "try", "typealias", "var", "where", "while", "_",
    ]
}

/// The names that are taken at one place, such as the properties of one struct.
package struct NameScope {
    private var taken: Set<String>

    package init(taken: Set<String> = []) {
        self.taken = taken
    }

    /// The name itself, or with so many underscores behind it that it is free.
    package mutating func claim(_ name: String) -> String {
        var name = name
        while !taken.insert(name).inserted { name += "_" }
        return name
    }

    /// The name itself, or with a word behind it that says what it is, as in `TypeMessage`.
    package mutating func claim(_ name: String, else word: String) -> String {
        claim(taken.contains(name) ? name + word : name)
    }
}
