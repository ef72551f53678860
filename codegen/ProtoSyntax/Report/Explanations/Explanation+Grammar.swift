extension Explanation {
    /// The codes about the grammar.
    static func ofGrammar(_ code: DiagnosticCode) -> Explanation? {
        grammar[code]
    }

    private static let grammar: [DiagnosticCode: Explanation] = [
        .expectedToken: Explanation(
            "something is missing",
            """
            The grammar wants a certain word or mark here. What stands there instead is named; the cause is \
            often a line before it: a semicolon or a bracket left out.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1
                  int32 b = 2;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1;
                  int32 b = 2;
                }
                """#),
        .expectedDeclaration: Explanation(
            "no declaration begins like this",
            """
            Each scope has its kinds of declarations: a file holds messages, enums, services, extends and \
            options; a service holds rpcs and options; the body of an rpc holds options alone.
            """,
            wrong: #"""
                syntax = "proto3";
                mesage M {}
                """#,
            right: #"""
                syntax = "proto3";
                message M {}
                """#),
        .unmatchedBrace: Explanation(
            "a brace that closes nothing",
            """
            There is one `}` more than there are `{` before it. Most often a body was closed twice, or its \
            opening brace was lost with its first line.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1;
                }
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1;
                }
                """#),
        .unexpectedEnd: Explanation(
            "the file ends too early",
            """
            A body or a value is still open where the file ends. The note shows where it begins; indentation \
            usually shows where its closing brace is missing.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1;
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1;
                }
                """#),
        .nestedTooDeep: Explanation(
            "nested too deep",
            """
            Messages may lie in each other 31 deep, and the values of options 100 deep. That is more than a \
            reader can follow, and little enough for every implementation to read without running out of stack.
            """,
            wrong: #"""
                syntax = "proto3";
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                message A {
                }}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}
                """#,
            right: #"""
                syntax = "proto3";
                message A { message B { message C {} } }
                """#),
        .missingSyntax: Explanation(
            "the file does not say which language it is in",
            """
            A file without `syntax` or `edition` is read as proto2, which is seldom meant: its fields need \
            labels, and its enums are closed.
            """,
            wrong: #"""
                package a;
                message M {
                  optional int32 a = 1;
                }
                """#,
            right: #"""
                syntax = "proto2";
                package a;
                message M {
                  optional int32 a = 1;
                }
                """#),
        .unknownSyntax: Explanation(
            "a syntax or an edition that does not exist",
            """
            `syntax` is "proto2" or "proto3". Later languages are called editions and are written as `edition = \
            "2023";`. An edition that this compiler does not know cannot be read on the chance that it means the \
            same.
            """,
            wrong: #"""
                syntax = "proto4";
                """#,
            right: #"""
                edition = "2023";
                """#),
        .misplacedSyntax: Explanation(
            "`syntax` that is not the first statement",
            """
            What comes before it would be read by the rules of another language. It may stand only once, and \
            only comments may stand before it.
            """,
            wrong: #"""
                package a;
                syntax = "proto3";
                """#,
            right: #"""
                syntax = "proto3";
                package a;
                """#),
        .repeatedPackage: Explanation(
            "the package is named twice",
            """
            All declarations of a file are in one package. What belongs to another goes into a file of its own.
            """,
            wrong: #"""
                syntax = "proto3";
                package a;
                package b;
                """#,
            right: #"""
                syntax = "proto3";
                package a.b;
                """#),
        .misplacedLabel: Explanation(
            "a label that cannot stand here",
            """
            `required` is of proto2; `optional` is of proto2 and proto3, and in editions every field knows \
            whether it is set. Fields of a oneof and maps have no label: a oneof holds one value at most, and a \
            map is repeated already.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  required int32 a = 1;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1;
                }
                """#),
        .missingLabel: Explanation(
            "a field without a label",
            """
            In proto2 each field says `optional`, `repeated` or `required`, unless it stands in a oneof or is a \
            map.
            """,
            wrong: #"""
                syntax = "proto2";
                message M {
                  int32 a = 1;
                }
                """#,
            right: #"""
                syntax = "proto2";
                message M {
                  optional int32 a = 1;
                }
                """#),
        .misplacedGroup: Explanation(
            "a group where there can be none",
            """
            A group declares a message and a field of it in one, and lies between two tags on the wire. Only \
            proto2 has them. The name of a group is that of its message, so it begins with a capital letter. \
            Editions write a field with `features.message_encoding = DELIMITED` instead.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  repeated group Part = 1 {
                    int32 a = 2;
                  }
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  message Part {
                    int32 a = 2;
                  }
                  repeated Part part = 1;
                }
                """#),
        .reservedForm: Explanation(
            "reserved names in the wrong form",
            """
            In proto2 and proto3 reserved names stand in quotes, in editions they do not. Numbers and names are \
            reserved by statements of their own.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  reserved foo;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  reserved "foo";
                }
                """#),
        .emptyBody: Explanation(
            "a body that may not be empty",
            """
            An enum needs a value, since an unset field reads as the first one; a oneof and an extend are there \
            for their fields. An empty statement may stand nearly everywhere, but not in these two.
            """,
            wrong: #"""
                syntax = "proto3";
                enum Kind {
                }
                """#,
            right: #"""
                syntax = "proto3";
                enum Kind {
                  KIND_UNSPECIFIED = 0;
                }
                """#),
        .expectedValue: Explanation(
            "a value is missing",
            """
            Behind the name of an option stands a number, a string, the name of an enum value, `true` or \
            `false`, or a message in braces. A sign may stand only before a number, `inf` and `nan`, and a list \
            may not hold a list.
            """,
            wrong: #"""
                syntax = "proto3";
                option java_package = ;
                """#,
            right: #"""
                syntax = "proto3";
                option java_package = "org.example";
                """#),
        .integerTooLarge: Explanation(
            "a number that is too large to be read",
            """
            Field numbers have 29 bits, enum values 32, and whole numbers of options 64.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 99999999999999999999;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int32 a = 99;
                }
                """#),
        .tooManyTokens: Explanation(
            "a file of too many words",
            """
            More than two million words and marks in one file are no contract. The limit bounds the memory that \
            a file can take.
            """,
            wrong: #"""
                syntax = "proto3";
                // ... and two million statements
                """#,
            right: #"""
                syntax = "proto3";
                """#),
        .notInEdition: Explanation(
            "a word of another edition",
            """
            The language changes with the edition: `export`, `local` and `import option` came with 2024, `import \
            weak` left with it. The first line of the file decides which words it has.
            """,
            wrong: #"""
                syntax = "proto3";
                local message M {}
                """#,
            right: #"""
                edition = "2024";
                local message M {}
                """#),
    ]
}
