import RulesAPI
import WellKnown

extension StandardRules {
    mutating func add(_ rules: BufValidate.BoolRules) {
        if let const = rules.const { add("const", 1, "bool", "must equal \(const)", if: "\(value) != \(const)") }
    }

    mutating func add(_ rules: BufValidate.BytesRules) {
        func literal(_ bytes: [UInt8]) -> String { Literal.bytes(bytes) }
        if let const = rules.const {
            add("const", 1, "bytes", "must be \(Shown.hex(const))", if: "\(value) != \(literal(const))")
        }
        if let len = rules.len {
            add("len", 13, "uint64", "must be \(len) bytes", if: "!Rules.length(\(value), is: \(len))")
        }
        if let len = rules.minLen {
            add("min_len", 2, "uint64", "must be at least \(len) bytes", if: "!Rules.length(\(value), atLeast: \(len))")
        }
        if let len = rules.maxLen {
            add("max_len", 3, "uint64", "must be at most \(len) bytes", if: "!Rules.length(\(value), atMost: \(len))")
        }
        if let pattern = rules.pattern {
            let reference = patterns.reference(pattern)
            add(
                "pattern", 4, "string", "must match regex pattern `\(pattern)`",
                if: "try !Rules.matches(\(value), \(reference))", canThrow: true)
        }
        if let part = rules.prefix {
            add(
                "prefix", 5, "bytes", "does not have prefix \(Shown.hex(part))",
                if: "!Rules.hasPrefix(\(value), \(literal(part)))")
        }
        if let part = rules.suffix {
            add(
                "suffix", 6, "bytes", "does not have suffix \(Shown.hex(part))",
                if: "!Rules.hasSuffix(\(value), \(literal(part)))")
        }
        if let part = rules.contains {
            add(
                "contains", 7, "bytes", "does not contain \(Shown.hex(part))",
                if: "!Rules.contains(\(value), \(literal(part)))")
        }
        if !rules.in.isEmpty {
            add(
                "in", 8, "bytes", "must be in list \(Shown.list(rules.in.map(Shown.text)))",
                if: "!Rules.isIn(\(value), \(Literal.list(rules.in.map(literal))))")
        }
        if !rules.notIn.isEmpty {
            add(
                "not_in", 9, "bytes", "must not be in list \(Shown.list(rules.notIn.map(Shown.text)))",
                if: "Rules.isIn(\(value), \(Literal.list(rules.notIn.map(literal))))")
        }
        switch rules.wellKnown {
        case .ip(true)?: addFormat("ip", 10, "IP address", "isIP")
        case .ipv4(true)?: addFormat("ipv4", 11, "IPv4 address", "isIPv4")
        case .ipv6(true)?: addFormat("ipv6", 12, "IPv6 address", "isIPv6")
        case .uuid(true)?: addFormat("uuid", 15, "UUID", "isUUID")
        default: break
        }
    }

    private mutating func addFormat(_ name: String, _ number: Int32, _ words: String, _ question: String) {
        add(
            name, number, "bool", "must be a valid \(words)", if: "!\(value).isEmpty && !Rules.\(question)(\(value))")
        add(
            name, number, "bool", id: "bytes.\(name)_empty", "value is empty, which is not a valid \(words)",
            if: "\(value).isEmpty")
    }

    /// `value` is the enum's number.
    mutating func add(_ rules: BufValidate.EnumRules, defined: [Int32]) {
        if let const = rules.const { add("const", 1, "int32", "must equal \(const)", if: "\(value) != \(const)") }
        if rules.definedOnly == true {
            let numbers = defined.sorted()
            let isRun = numbers.count > 2 && zip(numbers, numbers.dropFirst()).allSatisfy { $0 + 1 == $1 }
            let set = isRun ? "(\(numbers[0])...\(numbers[numbers.count - 1]))" : Literal.list(numbers.map(String.init))
            add(
                "defined_only", 2, "bool", "value must be one of the defined enum values",
                if: isRun ? "!\(set).contains(\(value))" : "!Rules.isIn(\(value), \(set))")
        }
        func list(_ numbers: [Int32]) -> String { Literal.list(numbers.map(String.init)) }
        if !rules.in.isEmpty {
            add("in", 3, "int32", "must be in list \(list(rules.in))", if: "!Rules.isIn(\(value), \(list(rules.in)))")
        }
        if !rules.notIn.isEmpty {
            add(
                "not_in", 4, "int32", "must not be in list \(list(rules.notIn))",
                if: "Rules.isIn(\(value), \(list(rules.notIn)))")
        }
    }

    mutating func add(_ rules: BufValidate.AnyRules) {
        let url = value + ".typeUrl"
        if !rules.in.isEmpty {
            add(
                "in", 2, "string", "type URL must be in the allow list",
                if: "!Rules.isIn(\(url), \(Literal.list(rules.in.map(Literal.text))))")
        }
        if !rules.notIn.isEmpty {
            add(
                "not_in", 3, "string", "type URL must not be in the block list",
                if: "Rules.isIn(\(url), \(Literal.list(rules.notIn.map(Literal.text))))")
        }
    }

    mutating func add(_ rules: BufValidate.FieldMaskRules) {
        let paths = value + ".paths"
        func list(_ texts: [String]) -> String { Literal.list(texts.map(Literal.text)) }
        if let const = rules.const {
            add(
                "const", 1, "message", "must equal paths \(Shown.list(const.paths))",
                if: "!Rules.paths(\(paths), are: \(list(const.paths)))")
        }
        if !rules.in.isEmpty {
            add(
                "in", 2, "string", "must only contain paths in \(Shown.list(rules.in))",
                if: "!Rules.paths(\(paths), areIn: \(list(rules.in)))")
        }
        if !rules.notIn.isEmpty {
            add(
                "not_in", 3, "string", "must not contain any paths in \(Shown.list(rules.notIn))",
                if: "!Rules.paths(\(paths), areNotIn: \(list(rules.notIn)))")
        }
    }

    /// The list itself; its items have rules of their own.
    mutating func add(_ rules: BufValidate.RepeatedRules) {
        if let count = rules.minItems {
            add(
                "min_items", 1, "uint64", "must contain at least \(count) item(s)",
                if: "UInt64(\(value).count) < \(count)")
        }
        if let count = rules.maxItems {
            add(
                "max_items", 2, "uint64", "must contain no more than \(count) item(s)",
                if: "UInt64(\(value).count) > \(count)")
        }
        if rules.unique == true {
            add(
                "unique", 3, "bool", "repeated value must contain unique items", if: "!Rules.unique(\(value))")
        }
    }

    mutating func add(_ rules: BufValidate.MapRules) {
        if let count = rules.minPairs {
            add(
                "min_pairs", 1, "uint64", "map must be at least \(count) entries",
                if: "UInt64(\(value).count) < \(count)")
        }
        if let count = rules.maxPairs {
            add(
                "max_pairs", 2, "uint64", "map must be at most \(count) entries",
                if: "UInt64(\(value).count) > \(count)")
        }
    }
}
