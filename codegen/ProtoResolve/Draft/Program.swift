import ProtoSyntax

/// All files so far, and every name in them.
struct Program: Sendable {
    private(set) var files: [Draft] = []
    private(set) var fileIndex: [String: Int] = [:]
    private var symbols: [String: Symbol] = [:]
    /// The full names that end in a word: where else may it be that was not found here?
    private var byShortName: [String: [String]] = [:]
    /// Which files are in a package or one below it.
    private var packages: [String: Set<Int>] = [:]
    /// Who has taken a field number of an extended message.
    var extensionNumbers: [TypeRef: [Int32: Symbol]] = [:]

    /// The index that the file gets which is compiled now.
    var nextIndex: Int { files.count }

    mutating func add(_ draft: Draft) -> Int {
        fileIndex[draft.name] = files.count
        files.append(draft)
        return files.count - 1
    }

    func message(_ ref: TypeRef) -> MessageDraft { files[ref.file].messages[ref.index] }
    func enumeration(_ ref: TypeRef) -> EnumDraft { files[ref.file].enums[ref.index] }
    func field(_ ref: TypeRef) -> FieldDraft { files[ref.file].fields[ref.index] }

    mutating func edit(_ file: Int, _ change: (inout Draft) -> Void) {
        change(&files[file])
    }

    // MARK: - Names

    /// Enters a name; the symbol that has it already, if one does.
    mutating func enter(_ fullName: String, _ symbol: Symbol) -> Symbol? {
        if let earlier = symbols[fullName] { return earlier }
        symbols[fullName] = symbol
        byShortName[Program.shortName(of: fullName), default: []].append(fullName)
        return nil
    }

    mutating func enterPackage(_ name: String, file: Int) {
        var parts = name.split(separator: ".")
        while !parts.isEmpty {
            packages[parts.joined(separator: "."), default: []].insert(file)
            parts.removeLast()
        }
    }

    func isPackage(_ name: String, seenFrom visible: Set<Int>) -> Bool {
        !(packages[name]?.isDisjoint(with: visible) ?? true)
    }

    func packageExists(_ name: String) -> Bool { packages[name] != nil }

    func symbol(_ fullName: String) -> Symbol? { symbols[fullName] }

    func symbol(_ fullName: String, seenFrom visible: Set<Int>) -> Symbol? {
        symbols[fullName].flatMap { visible.contains($0.file) ? $0 : nil }
    }

    /// The full names of all symbols of a kind that can be seen: for suggestions.
    func names(seenFrom visible: Set<Int>, where fits: (Symbol.Kind) -> Bool) -> [String] {
        symbols.compactMap { name, symbol in
            visible.contains(symbol.file) && fits(symbol.kind) ? name : nil
        }
    }

    /// The shortest full name that is the name or ends in it, whichever file declares it.
    func elsewhere(_ name: String, where fits: (Symbol.Kind) -> Bool) -> (name: String, symbol: Symbol)? {
        let candidates = (byShortName[Program.shortName(of: name)] ?? []).compactMap { fullName in
            symbols[fullName].map { (name: fullName, symbol: $0) }
        }
        return candidates.filter { fits($0.symbol.kind) && ($0.name == name || $0.name.hasSuffix("." + name)) }
            .min { ($0.name.utf8.count, $0.name) < ($1.name.utf8.count, $1.name) }
    }

    private static func shortName(of fullName: String) -> String {
        fullName.lastIndex(of: ".").map { String(fullName[fullName.index(after: $0)...]) } ?? fullName
    }
}

/// What a full name stands for, and where.
struct Symbol {
    enum Kind {
        case message
        case enumeration
        case enumValue
        case field
        case extensionField
        case oneof
        case service
        case method

        var isType: Bool { self == .message || self == .enumeration }

        /// Whether names may lie within it.
        var isScope: Bool { isType || self == .service }

        var text: String {
            switch self {
            case .message: "a message"
            case .enumeration: "an enum"
            case .enumValue: "an enum value"
            case .field: "a field"
            case .extensionField: "an extension"
            case .oneof: "a oneof"
            case .service: "a service"
            case .method: "an rpc"
            }
        }
    }

    let kind: Kind
    let file: Int
    /// In the file's list of its kind; without meaning for kinds that nothing refers to.
    let index: Int
    let span: Span

    var ref: TypeRef { TypeRef(file: file, index: index) }
}
