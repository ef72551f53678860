extension Explanation {
    /// The codes about numbers.
    static func ofNumbers(_ code: DiagnosticCode) -> Explanation? {
        numbers[code]
    }

    private static let numbers: [DiagnosticCode: Explanation] = [
        .numberOutOfRange: Explanation(
            "a number that no field can have",
            """
            Field numbers go from 1 to 536,870,911: a tag has 32 bits on the wire, three of which say how the \
            value is written.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 0;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1;
                }
                """#),
        .numberOfImplementation: Explanation(
            "a number that belongs to protobuf",
            """
            The numbers from 19,000 to 19,999 are kept for implementations of protobuf.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 19000;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int32 a = 20000;
                }
                """#),
        .duplicateNumber: Explanation(
            "a number that two fields have",
            """
            On the wire a field is known by its number alone, so each field of a message needs one of its own, \
            for ever.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1;
                  int32 b = 1;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1;
                  int32 b = 2;
                }
                """#),
        .numberIsReserved: Explanation(
            "a number that is reserved",
            """
            A field had this number once, and data that was written then may still be about. Given to another \
            field, the number would make old data say something else.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  reserved 2;
                  int32 a = 2;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  reserved 2;
                  int32 a = 3;
                }
                """#),
        .nameIsReserved: Explanation(
            "a name that is reserved",
            """
            A field or value had this name once, and JSON or text that was written then may still be about.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  reserved "a";
                  int32 a = 2;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  reserved "a";
                  int32 b = 2;
                }
                """#),
        .overlappingRanges: Explanation(
            "ranges that have numbers in common",
            """
            A number is reserved, or set aside for extensions, or free: not two of these, and none of them \
            twice.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  reserved 2, 1 to 5;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  reserved 1 to 5;
                }
                """#),
        .emptyRange: Explanation(
            "a range that ends before it begins",
            """
            Both ends of a range belong to it, the smaller one first.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  reserved 5 to 2;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  reserved 2 to 5;
                }
                """#),
        .numberInExtensionRange: Explanation(
            "a field with a number for extensions",
            """
            The message gives these numbers away: any file that extends it may use them.
            """,
            wrong: #"""
                syntax = "proto2";
                message M {
                  extensions 100 to 199;
                  optional int32 a = 100;
                }
                """#,
            right: #"""
                syntax = "proto2";
                message M {
                  extensions 100 to 199;
                  optional int32 a = 1;
                }
                """#),
        .notExtendable: Explanation(
            "an extension with a number that is not offered",
            """
            A message can be extended by the numbers of its `extensions` statements and by no others.
            """,
            wrong: #"""
                syntax = "proto2";
                message M { extensions 100 to 199; }
                extend M { optional int32 a = 200; }
                """#,
            right: #"""
                syntax = "proto2";
                message M { extensions 100 to 199; }
                extend M { optional int32 a = 150; }
                """#),
        .duplicateExtension: Explanation(
            "a number that two extensions have",
            """
            All extensions of a message share its numbers, whichever file declares them.
            """,
            wrong: #"""
                syntax = "proto2";
                message M { extensions 100 to 199; }
                extend M { optional int32 a = 100; }
                extend M { optional int32 b = 100; }
                """#,
            right: #"""
                syntax = "proto2";
                message M { extensions 100 to 199; }
                extend M { optional int32 a = 100; }
                extend M { optional int32 b = 101; }
                """#),
        .duplicateEnumNumber: Explanation(
            "a number that two enum values have",
            """
            Two names for one number are called aliases, and the enum must say that it wants them.
            """,
            wrong: #"""
                syntax = "proto3";
                enum Kind { NONE = 0; OLD = 1; NEW = 1; }
                """#,
            right: #"""
                syntax = "proto3";
                enum Kind { option allow_alias = true; NONE = 0; OLD = 1; NEW = 1; }
                """#),
        .firstEnumValueNotZero: Explanation(
            "an open enum that does not begin with 0",
            """
            A field without presence reads as 0 when it is unset, so 0 must have a name, and that of the first \
            value is taken.
            """,
            wrong: #"""
                syntax = "proto3";
                enum Kind { LOW = 1; }
                """#,
            right: #"""
                syntax = "proto3";
                enum Kind { KIND_UNSPECIFIED = 0; LOW = 1; }
                """#),
        .uselessAlias: Explanation(
            "aliases are allowed and there are none",
            """
            `allow_alias` switches off the check for numbers given twice by mistake: without need, that is a \
            loss.
            """,
            wrong: #"""
                syntax = "proto3";
                enum Kind { option allow_alias = true; NONE = 0; LOW = 1; }
                """#,
            right: #"""
                syntax = "proto3";
                enum Kind { NONE = 0; LOW = 1; }
                """#),
        .duplicateReservedName: Explanation(
            "a name that is reserved twice",
            """
            It does no harm by itself, but one of the two was probably to be another name.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  reserved "a", "a";
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  reserved "a", "b";
                }
                """#),
        .reservedNameForm: Explanation(
            "a reserved name that no field could have",
            """
            Names are letters, digits and underscores and do not begin with a digit, so this one can be in \
            nobody's way. In proto2 and proto3 that is a warning.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  reserved "a b";
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  reserved "a_b";
                }
                """#),
    ]
}
