/// The sets that `\p{...}` names: general categories and scripts.
enum UnicodeGroups {
    static func set(named name: String) -> ScalarSet? {
        if name == "Any" { return .all }
        if let members = majorCategories[name] {
            return ScalarSet(members.flatMap { categories[$0]?.ranges ?? [] })
        }
        if majorCategories.values.contains(where: { $0.contains(name) }) { return categories[name] ?? ScalarSet() }
        return ScriptTable.set(named: name)
    }

    private static let majorCategories: [String: [String]] = [
        "L": ["Lu", "Ll", "Lt", "Lm", "Lo"], "M": ["Mn", "Mc", "Me"], "N": ["Nd", "Nl", "No"],
        "P": ["Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"], "S": ["Sm", "Sc", "Sk", "So"], "Z": ["Zs", "Zl", "Zp"],
        "C": ["Cc", "Cf", "Cs", "Co"],
    ]

    /// Read off the standard library once, when the first expression asks: some milliseconds.
    private static let categories: [String: ScalarSet] = {
        var ranges: [String: [ScalarSet.Range]] = [:]
        var current: (name: String, first: UInt32)?
        func close(before end: UInt32) {
            if let open = current { ranges[open.name, default: []].append(.init(first: open.first, last: end - 1)) }
            current = nil
        }
        for value in 0...ScalarSet.lastScalar {
            let name = Unicode.Scalar(value).flatMap { shortName($0.properties.generalCategory) }
            if name != current?.name {
                close(before: value)
                current = name.map { ($0, value) }
            }
        }
        close(before: ScalarSet.lastScalar + 1)
        return ranges.mapValues { ScalarSet($0) }
    }()

    /// Nil for code points that are not assigned, which RE2 puts in no category.
    private static func shortName(_ category: Unicode.GeneralCategory) -> String? {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: nil
        @unknown default: nil
        }
    }

    /// The classes that brackets name: `[:alpha:]`. ASCII only, as in RE2.
    static func posix(named name: String) -> ScalarSet? {
        switch name {
        case "alnum": ScalarSet([(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)])
        case "alpha": ScalarSet([(0x41, 0x5A), (0x61, 0x7A)])
        case "ascii": ScalarSet([(0x00, 0x7F)])
        case "blank": ScalarSet([(0x09, 0x09), (0x20, 0x20)])
        case "cntrl": ScalarSet([(0x00, 0x1F), (0x7F, 0x7F)])
        case "digit": .digits
        case "graph": ScalarSet([(0x21, 0x7E)])
        case "lower": ScalarSet([(0x61, 0x7A)])
        case "print": ScalarSet([(0x20, 0x7E)])
        case "punct": ScalarSet([(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)])
        case "space": ScalarSet([(0x09, 0x0D), (0x20, 0x20)])
        case "upper": ScalarSet([(0x41, 0x5A)])
        case "word": .word
        case "xdigit": ScalarSet([(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)])
        default: nil
        }
    }
}
