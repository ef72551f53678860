extension Explanation {
    /// The codes about characters and tokens.
    static func ofTokens(_ code: DiagnosticCode) -> Explanation? {
        tokens[code]
    }

    private static let tokens: [DiagnosticCode: Explanation] = [
        .strayCharacter: Explanation(
            "a character that contracts do not have",
            """
            Names, numbers and marks are ASCII. Other letters may stand in strings and in comments; control \
            characters may stand nowhere. A copied quotation mark or a no-break space is the usual cause.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  string größe = 1;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  string groesse = 1;
                }
                """#),
        .unterminatedString: Explanation(
            "a string that is not closed",
            """
            A string ends on the line on which it begins. A longer text is written as several strings in a row, \
            which are one; a line break within it is the escape `\\n`.
            """,
            wrong: #"""
                syntax = "proto3";
                package a;
                option java_package = "org.example;
                """#,
            right: #"""
                syntax = "proto3";
                package a;
                option java_package = "org." "example";
                """#),
        .badEscape: Explanation(
            "an escape that does not exist",
            """
            Behind a backslash in a string only the escapes of C may stand, and those of Unicode: `\\u` with \
            four hexadecimal digits, `\\U` with eight.
            """,
            wrong: #"""
                syntax = "proto3";
                option java_package = "a\qb";
                """#,
            right: #"""
                syntax = "proto3";
                option java_package = "a\\qb";
                """#),
        .unterminatedComment: Explanation(
            "a comment that is never closed",
            """
            A comment that begins with `/*` goes on to the first `*/`, over as many lines as it takes. Without \
            one it would swallow the rest of the file.
            """,
            wrong: #"""
                syntax = "proto3";
                /* What follows is
                message M {}
                """#,
            right: #"""
                syntax = "proto3";
                /* What follows is */
                message M {}
                """#),
        .malformedNumber: Explanation(
            "a number that is none",
            """
            Numbers are decimal, octal with a 0 in front, or hexadecimal behind `0x`. A name may not follow a \
            number without a space between them, and octal numbers have no 8 or 9.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 count = 09;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int32 count = 9;
                }
                """#),
        .fileTooLarge: Explanation(
            "a file that is too large",
            """
            A contract of more than 16 MiB is most likely not a contract. The limit keeps a file that was taken \
            for one by mistake from filling the memory.
            """,
            wrong: #"""
                syntax = "proto3";
                // ... and 16 MiB more
                """#,
            right: #"""
                syntax = "proto3";
                """#),
        .nestedComment: Explanation(
            "a comment within a comment",
            """
            Comments between `/*` and `*/` do not nest: the first `*/` ends them all, and what follows would be \
            read as part of the contract.
            """,
            wrong: #"""
                syntax = "proto3";
                /* outer /* inner */ message M {}
                """#,
            right: #"""
                syntax = "proto3";
                /* outer, inner */ message M {}
                """#),
    ]
}
