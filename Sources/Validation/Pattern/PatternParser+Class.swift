/// Escapes, and classes in brackets.
extension PatternParser {
    /// A backslash outside of brackets.
    mutating func escape() throws(PatternError) {
        let start = next
        switch peek(1) {
        case "A"?: assertion(.textStart)
        case "z"?: assertion(.textEnd)
        case "b"?: assertion(.wordBoundary)
        case "B"?: assertion(.noWordBoundary)
        case "Q"?:
            next += 2
            while let scalar = peek {
                if scalar == "\\", peek(1) == "E" {
                    next += 2
                    return
                }
                next += 1
                append(literal(scalar))
            }
        default:
            if let set = try namedClass() {
                append(tree.add(set))
            } else {
                append(literal(try escapedScalar(from: start)))
            }
        }
    }

    private mutating func assertion(_ assertion: PatternTree.Assertion) {
        next += 2
        append(tree.add(.assertion(assertion)))
    }

    /// `\d` and its like, and `\p{...}`; nil if something else stands here.
    private mutating func namedClass() throws(PatternError) -> ScalarSet? {
        guard peek == "\\", let letter = peek(1) else { return nil }
        let named: (set: ScalarSet, isNegated: Bool)
        switch letter {
        case "d": named = (.digits, false)
        case "D": named = (.digits, true)
        case "s": named = (.spaces, false)
        case "S": named = (.spaces, true)
        case "w": named = (.word, false)
        case "W": named = (.word, true)
        case "p", "P": return try unicodeClass(isNegated: letter == "P")
        default: return nil
        }
        next += 2
        return cased(named.set, isNegated: named.isNegated)
    }

    /// The set in the case that the flags want. What differs in case only from a set is not outside of it.
    private func cased(_ set: ScalarSet, isNegated: Bool) -> ScalarSet {
        let folded = flags.ignoresCase ? CaseFolding.table.folded(set) : set
        return isNegated ? folded.inverted : folded
    }

    private mutating func unicodeClass(isNegated: Bool) throws(PatternError) -> ScalarSet {
        let start = next
        next += 2
        guard let first = peek else { throw fault(.badClass, from: start) }
        next += 1
        var name = String(first)
        if first == "{" {
            name = ""
            while let scalar = peek, scalar != "}" {
                name.unicodeScalars.append(scalar)
                next += 1
            }
            guard peek == "}" else { throw fault(.badClass, from: start) }
            next += 1
        }
        var isNegated = isNegated
        if name.unicodeScalars.first == "^" {
            isNegated.toggle()
            name.unicodeScalars.removeFirst()
        }
        guard let set = UnicodeGroups.set(named: name) else { throw fault(.badClass, from: start) }
        return cased(set, isNegated: isNegated)
    }

    /// `[...]`. A closing bracket that stands first is a member.
    mutating func bracketClass() throws(PatternError) -> ScalarSet {
        let start = next
        next += 1
        var isNegated = false
        if peek == "^" {
            isNegated = true
            next += 1
        }
        var ranges: [ScalarSet.Range] = []
        var isFirst = true
        while isFirst || peek != "]" {
            guard peek != nil else { throw fault(.missingBracket, from: start) }
            isFirst = false
            if let set = try posixClass() {
                ranges += set.ranges
            } else if let set = try namedClass() {
                ranges += set.ranges
            } else {
                let range = try memberRange(of: start)
                ranges += flags.ignoresCase ? CaseFolding.table.folded(ScalarSet([range])).ranges : [range]
            }
        }
        next += 1
        let set = ScalarSet(ranges)
        return isNegated ? set.inverted : set
    }

    /// `[:alpha:]`; nil if something else stands here.
    private mutating func posixClass() throws(PatternError) -> ScalarSet? {
        guard peek == "[", peek(1) == ":" else { return nil }
        var end = next + 2
        while end + 1 < scalars.count, !(scalars[end] == ":" && scalars[end + 1] == "]") { end += 1 }
        // Without its end it is a bracket and a colon.
        guard end + 1 < scalars.count else { return nil }
        let start = next
        var name = String(String.UnicodeScalarView(scalars[next + 2..<end]))
        next = end + 2
        var isNegated = false
        if name.unicodeScalars.first == "^" {
            isNegated = true
            name.unicodeScalars.removeFirst()
        }
        guard let set = UnicodeGroups.posix(named: name) else { throw fault(.badRange, from: start) }
        return cased(set, isNegated: isNegated)
    }

    /// `a` or `a-z`. A hyphen before the closing bracket is a member.
    private mutating func memberRange(of start: Int) throws(PatternError) -> ScalarSet.Range {
        let first = next
        let low = try member(of: start)
        guard peek == "-", let after = peek(1), after != "]" else { return .init(first: low, last: low) }
        next += 1
        let high = try member(of: start)
        guard low <= high else { throw fault(.badRange, from: first) }
        return .init(first: low, last: high)
    }

    private mutating func member(of start: Int) throws(PatternError) -> UInt32 {
        guard let scalar = peek else { throw fault(.missingBracket, from: start) }
        if scalar == "\\" { return try escapedScalar(from: next) }
        next += 1
        return scalar.value
    }

    /// The code point that a backslash and what follows it stand for.
    private mutating func escapedScalar(from start: Int) throws(PatternError) -> UInt32 {
        next += 1
        guard let letter = peek else { throw fault(.trailingBackslash, from: start) }
        next += 1
        switch letter {
        case "a": return 0x07
        case "f": return 0x0C
        case "n": return 0x0A
        case "r": return 0x0D
        case "t": return 0x09
        case "v": return 0x0B
        case "x": return try hexadecimal(from: start)
        case "0": return octal(startingWith: 0)
        case "1"..."7":
            // A lone digit would be a back-reference.
            guard let second = peek, "0"..."7" ~= second else { throw fault(.badEscape, from: start) }
            return octal(startingWith: letter.value - 0x30)
        default:
            let isWord = ScalarSet.word.contains(letter.value) && letter != "_"
            guard letter.isASCII, !isWord else { throw fault(.badEscape, from: start) }
            return letter.value
        }
    }

    /// Up to two more digits.
    private mutating func octal(startingWith first: UInt32) -> UInt32 {
        var value = first
        for _ in 0..<2 {
            guard let digit = peek, "0"..."7" ~= digit else { break }
            value = value * 8 + digit.value - 0x30
            next += 1
        }
        return value
    }

    /// `7F` or `{10FFFF}`. Surrogates are taken, as by RE2, though no text has them.
    private mutating func hexadecimal(from start: Int) throws(PatternError) -> UInt32 {
        var value: UInt32 = 0
        if peek == "{" {
            next += 1
            let first = next
            while let digit = peek.flatMap(Self.hexValue) {
                value = min(value * 16 + digit, 0x20_0000)
                next += 1
            }
            guard next > first, peek == "}" else { throw fault(.badEscape, from: start) }
            next += 1
        } else {
            for _ in 0..<2 {
                guard let digit = peek.flatMap(Self.hexValue) else { throw fault(.badEscape, from: start) }
                value = value * 16 + digit
                next += 1
            }
        }
        guard value <= ScalarSet.lastScalar else { throw fault(.badEscape, from: start) }
        return value
    }

    private static func hexValue(_ scalar: Unicode.Scalar) -> UInt32? {
        UInt8(exactly: scalar.value).flatMap { $0.hexValue }.map(UInt32.init)
    }
}
