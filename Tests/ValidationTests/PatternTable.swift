/// The forms of RE2's syntax, right and wrong, and texts that tell them apart.
enum PatternTable {
    /// Code points whose category or case changed after Unicode 15: U+0295, U+019B, U+0264.
    static let newerCodePoints = 2

    static let texts = [
        "", "a", "b", "ab", "aab", "abc", "ABC", "aaa", "aaaa", "a\nb", "\n", "ab\n", "a b", " ", "_", "-", "]", "^",
        "\\", "a-b", "0", "7", "09", "é", "É", "ß",
        "ẞ", "ſ", "K", "k", "S", "s", "Σ", "σ", "ς", "日本", "α", "Я", "я", "\t", "\u{0B}", "\u{0}", "\u{7F}", "😀", "a.b",
        "a+b", "{", "{1}", "a{,2}", "a{1", "}",
        "(", ")", "x*", "foo bar", "foo\nbar\n", "abab", "ı", "I", "i", "İ", "Dž", "dž", "٣", "½", "\u{300}", "Q", "E",
        "!", "$", "a$b", "\u{2028}", "\u{A0}",
    ]

    static let patterns =
        [
            "", "a", "ab", "a|b", "a|", "|a", "|", "a*", "a+", "a?", "a*?", "a+?", "a??", "^a", "a$", "^a$", "^$", "^",
            "$", "a^b", "a$b", "\\Aa", "a\\z", "\\Aab\\z",
            "(a)", "(?:a)", "(?P<n>a)", "(?<n>a)", "(?P<n_1>a)b", "(a)(b)", "(a|b)*c", "((a)|(b))+", "()", "(?:)",
            "(|a)+", "(a*)*", "(a*)+", "(a+)*", "(?:a|b|ab)c",
            ".", "a.b", "(?s)a.b", "(?s).", "(?-s)a.b", "(?s-s)a.b", "(?m)^b", "(?m)a$", "(?m)^$", "(?m)^b$",
            "(?m)\\Aa", "(?m)b\\z", "(?i)a", "(?i)abc", "a(?i)b", "a(?i)b(?-i)c",
            "(?i:a)b", "(?i-s:a.)", "(?U)a*", "(?imsU)^a.b$", "((?i)a)b", "(?i)k", "(?i)s", "(?i)ſ", "(?i)σ", "(?i)é",
            "(?i)ß", "(?i)dž", "(?i)i", "(?i)ı", "(?i)İ", "(?i)[k]", "(?i)[^k]",
            "(?i)[a-z]", "(?i)[^a-z]", "(?i)\\w", "(?i)\\W", "(?i)[[:lower:]]", "(?i)[[:^lower:]]", "(?i)\\p{Lu}",
            "(?i)\\P{Lu}", "(?i)[^\\p{Lu}]", "(?i)я", "(?i)[Α-Ω]",
            "[a]", "[ab]", "[a-c]", "[^a]", "[^a-c]", "[]a]", "[]]", "[^]]", "[^]a]", "[-a]", "[a-]", "[a\\-c]",
            "[\\]]", "[\\\\]", "[a-c-e]", "[+--]", "[a^]", "[.]", "[\\n]", "[\\d]", "[\\d-z]", "[^\\d]",
            "[\\D]", "[\\w\\s]", "[^\\W]", "[[:alpha:]]", "[[:^alpha:]]", "[[:digit:][:space:]]", "[^[:alnum:]]",
            "[[:word:]]", "[[:ascii:]]", "[[:punct:]]", "[[:blank:]]", "[[:cntrl:]]", "[[:graph:]]",
            "[[:print:]]", "[[:xdigit:]]", "[[:upper:]]", "[é-ü]", "[\\x{e9}]", "[\\x61-\\x63]", "[^\\x00-\\x{10FFFF}]",
            "[\\x00-\\x{10FFFF}]", "[\\p{L}]", "[^\\p{L}]", "[\\pL\\d]", "[:alpha:]", "[[:alpha:]",
            "\\d", "\\D", "\\s", "\\S", "\\w", "\\W", "\\b", "\\B", "\\ba", "a\\b", "\\Ba", "a\\B", "\\bfoo\\b",
            "\\b\\b", "\\b|a", "^\\b", "\\b$", "\\B$", "(\\b|a)*b", "\\ba\\Bb", "a\\b.\\bb", "(?m)$\\n^b", "(?m)^\\b",
            "$\\b", "$^", "(?m)$^", "(^|a)b", "(a|$)", "(?:^)*a", "(?:$)+",
            "\\pL", "\\PL", "\\p{L}", "\\p{Lu}", "\\p{Ll}", "\\P{Lu}", "\\p{^Lu}", "\\P{^Lu}", "\\p{Greek}", "\\p{Han}",
            "\\p{Latin}", "\\p{Cyrillic}", "\\P{Greek}", "\\p{N}", "\\p{Nd}", "\\p{Any}", "\\P{Any}", "\\pN",
            "\\pZ", "\\p{M}", "\\p{S}", "\\p{P}", "\\p{C}", "\\p{Cc}", "\\p{Common}", "\\p{Inherited}", "\\p{Emoji}",
            "\\p{greek}", "\\p{lu}", "\\pX", "\\p", "\\p{", "\\p{}", "\\p{L", "\\pé",
            "\\n", "\\t", "\\r", "\\f", "\\v", "\\a", "\\x41", "\\x{41}", "\\x{1F600}", "\\x4", "\\x{}", "\\x{110000}",
            "\\x{zz}", "\\x{D800}", "\\x{41", "\\0", "\\07", "\\012", "\\101", "\\1", "\\8", "\\9", "\\18", "\\777",
        ] + more

    private static let more = [
        "\\Qa.b\\E", "\\Qa+b\\E+", "\\Q", "\\Qab", "\\E", "a\\E*", "\\Qab\\E*", "\\Q\\E*", "(?i)\\Qab\\E", "\\Q\\\\E",
        "[\\Qa\\E]", "\\.", "\\+", "\\*", "\\?", "\\(", "\\)", "\\[", "\\]", "\\{", "\\}", "\\|", "\\^", "\\$", "\\\\",
        "\\/", "\\-",
        "\\_", "\\!", "\\ ", "\\\"", "\\é", "\\e", "\\g", "\\h", "\\R", "\\X", "\\Z", "\\G", "\\c", "\\y", "\\<", "\\>",
        "\\",
        "a{1}", "a{2}", "a{1,2}", "a{2,}", "a{0}", "a{0,}", "a{0,1}", "a{2}?", "a{1,2}?", "^a{2}$", "^a{2,3}$",
        "^a{3,}$", "^(ab){2}$", "^(a|b){2}$", "^(?:a{2}){2}$", "a{,2}", "a{", "a{1", "a{1,", "a{1,2", "a{a}", "a{-1}",
        "a{01}", "a{1,02}", "a{ 1}",
        "a{1000}", "a{1001}", "a{0,1001}", "a{1000,}", "a{1001,}", "a{2,1}", "a{99999999999}", "(a{500}){2}",
        "(a{500}){3}", "((a{10}){10}){10}", "((a{10}){10}){11}", "(a{1000})*", "(a*){1000}", "(a{2,}){501}", "{1}",
        "({1})", "a|{1}", "{", "}", "{a", "^{1}", "(?:){1000}", "^*", "$*", "\\b*", "\\b+a", "^{2}a",
        "a**", "a*+", "a+*", "a+?+", "a???", "a{2}{3}", "a{2}*", "a*{2}", "a{2}+", "a*?*", "*", "+", "?", "*a", "(*)",
        "(?:*)", "|*", "(|*)", "a|*", "(+a)", "(?i)*", "a(?i)*", "a*(?i)*", "^**", "(a*)*", "(?:a*)+", "(?:a*){2}",
        "(", ")", "a)", "(a", "((a)", "(a))", "[", "[a", "[^", "[]", "[^]", "[a-", "[z-a]", "[a-\\d]", "[\\d-\\w]",
        "[a-[:alpha:]]", "[[:foo:]]", "[[:^foo:]]", "[[:alpha]", "[\\", "[\\q]", "[\\b]", "[\\A]", "[\\8]", "[\\1]",
        "[\\07]", "[[.a.]]", "[[=a=]]", "[\\pX]", "[\\p{Greek}a]", "[\\x{110000}]",
        "(?", "(?i", "(?i:", "(?:", "(?P", "(?P<", "(?P<n", "(?P<n>", "(?P<>a)", "(?P<n->a)", "(?P<1n>a)", "(?P<né>a)",
        "(?P=n)", "(?P>n)", "(?<n>", "(?<=a)b", "(?<!a)b", "(?=a)", "(?!a)",
        "(?>a)", "(?#c)", "(?x)a", "(?i-)a", "(?-)a", "(?--i)a", "(?i--s)a", "(?)", "(?:)", "(?-:a)", "(?-i:a)",
        "(?^i)a", "(?i)(?s).", "(?a)", "(?'n'a)", "(?R)", "(?1)", "(?&n)", "(?i s)",
        "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", "^(?:a|b)+c?$", "^\\d{4}-\\d{2}-\\d{2}$", "a.*b", "a.*?b", "^.*$",
        "(?s)^.*$", "^[^\\n]*$", "(a|ab)(c|bcd)", "x*", "(?:(?:a))", "^(?:.?){20}$", "(?i)straße", "日|本", "[日本]+",
        "^\\S+$", "^\\w+( \\w+)*$", "😀", "[😀-😂]", "\\x{10FFFF}",
        "(?i)[[:upper:]][[:lower:]]", "[[:word:]-]", "[\\s\\S]", "[^\\s\\S]", "[\\w-]", "[\\w-a]", "[a\\]b]", "[\\-]",
        "[--a]", "[a--]", "[!--]", "(?m)(^a$|^b$)", "(?m)a\\n^b", "(?m)a$\\nb", "a$\\nb", "(?m:^b)", "^(?m:^b)",
        "(?m:a$)", "\\A\\A", "\\z\\z", "a\\z\\n", "\\za", "a\\A",
    ]

    static let classes = [
        "\\pL", "\\p{Lu}", "\\p{Ll}", "\\p{Lt}", "\\p{Lm}", "\\p{Lo}", "\\pM", "\\pN", "\\p{Nd}", "\\pP", "\\pS",
        "\\pZ", "\\pC", "\\p{Cf}", "\\p{Co}", "\\p{Greek}", "\\p{Han}",
        "\\p{Common}", "\\p{Arabic}", "(?i)[a-z]", "(?i)[^a-z]", "(?i)\\p{Lu}", "(?i)\\p{Ll}", "(?i)[à-ÿ]", "(?i)[Α-Ω]",
        "\\w", "\\s", ".",
    ]
}

/// Patterns and texts by chance, mostly well formed.
enum RandomPattern {
    static func make(_ dice: inout Dice) -> String {
        var pattern = dice.below(4) == 0 ? dice.pick(["(?i)", "(?m)", "(?s)", "(?ms)", "(?U)", "^"]) : ""
        pattern += choice(&dice, 3)
        if dice.below(6) == 0 { pattern += "$" }
        if dice.below(20) == 0 {
            // Break it.
            var scalars = Array(pattern.unicodeScalars)
            if !scalars.isEmpty { scalars.remove(at: dice.below(scalars.count)) }
            pattern = String(String.UnicodeScalarView(scalars))
        }
        return pattern
    }

    static func text(_ dice: inout Dice) -> String {
        (0..<dice.below(9)).map { _ in
            dice.pick(["a", "b", "c", "A", "B", " ", "\n", "-", "1", "é", "É", "日", "k", "K", "_"])
        }.joined()
    }

    private static func choice(_ dice: inout Dice, _ depth: Int) -> String {
        (0...dice.below(3)).map { _ in sequence(&dice, depth) }.joined(separator: "|")
    }

    private static func sequence(_ dice: inout Dice, _ depth: Int) -> String {
        (0..<dice.below(4)).map { _ in part(&dice, depth) }.joined()
    }

    private static func part(_ dice: inout Dice, _ depth: Int) -> String {
        let base: String
        switch dice.below(depth > 0 ? 12 : 10) {
        case 0...3: base = dice.pick(["a", "b", "c", "A", "é", "日", "k", "1", " ", "-", "\\n", "_"])
        case 4: base = "."
        case 5:
            base = dice.pick([
                "\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "\\pL", "\\PL", "\\p{Lu}", "[[:alpha:]]", "\\x61", "\\.",
                "\\Qa-\\E",
            ])
        case 6, 7:
            base = dice.pick([
                "[ab]", "[^a]", "[a-c]", "[^a-c\\n]", "[\\w-]", "[A-Z]", "[^\\s]", "[é日]", "[^[:alnum:]]", "[]a]",
                "[k-m]",
            ])
        case 8: return dice.pick(["^", "$", "\\b", "\\B", "\\A", "\\z"])
        case 9: base = dice.pick(["(?:ab)", "(a|b)", "(?i:k)", "(c)"])
        default: base = dice.pick(["(", "(?:", "(?i:", "(?s:", "(?m:", "(?-s:"]) + choice(&dice, depth - 1) + ")"
        }
        guard dice.below(3) == 0 else { return base }
        return base + dice.pick(["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "{0}", "*?", "+?", "??", "{1,2}?"])
    }
}
