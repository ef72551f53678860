extension Explanation {
    /// The codes about options.
    static func ofOptions(_ code: DiagnosticCode) -> Explanation? {
        options[code]
    }

    private static let options: [DiagnosticCode: Explanation] = [
        .unknownOption: Explanation(
            "an option that does not exist",
            """
            Without parentheses it is a field of the options message in descriptor.proto; with parentheses it is \
            an extension of that message, looked up as any name is.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1 [deprecatd = true];
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1 [deprecated = true];
                }
                """#),
        .optionType: Explanation(
            "a value of the wrong type",
            """
            The value of an option is of the type of its field: strings are in quotes, bools are `true` or \
            `false`, enums are set by the name of a value, and messages are in braces.
            """,
            wrong: #"""
                syntax = "proto3";
                option java_package = 5;
                """#,
            right: #"""
                syntax = "proto3";
                option java_package = "org.example";
                """#),
        .optionRange: Explanation(
            "a value that the type cannot hold",
            """
            The number is too large or too small for the type of the option.
            """,
            wrong: #"""
                syntax = "proto3";
                import "google/protobuf/descriptor.proto";
                extend google.protobuf.FileOptions { int32 size = 50000; }
                option (size) = 3000000000;
                """#,
            right: #"""
                syntax = "proto3";
                import "google/protobuf/descriptor.proto";
                extend google.protobuf.FileOptions { int64 size = 50000; }
                option (size) = 3000000000;
                """#),
        .repeatedOption: Explanation(
            "an option that is set twice",
            """
            An option that is not repeated has one value. A message may be set as a whole or field by field, not \
            both.
            """,
            wrong: #"""
                syntax = "proto3";
                option java_package = "a";
                option java_package = "b";
                """#,
            right: #"""
                syntax = "proto3";
                option java_package = "b";
                """#),
        .optionNotMessage: Explanation(
            "a part of something that has no parts",
            """
            `a.b` sets the field `b` of the message `a`; numbers, strings and enums have no fields, and of a \
            repeated message it would not be known which one is meant.
            """,
            wrong: #"""
                syntax = "proto3";
                option java_package.name = "a";
                """#,
            right: #"""
                syntax = "proto3";
                option java_package = "a";
                """#),
        .optionOfOther: Explanation(
            "an option of another kind of declaration",
            """
            A custom option extends the options message of one kind of declaration: `FieldOptions` for fields, \
            `MessageOptions` for messages, and so on.
            """,
            wrong: #"""
                syntax = "proto3";
                import "google/protobuf/descriptor.proto";
                extend google.protobuf.FileOptions { bool strict = 50000; }
                message M { option (strict) = true; }
                """#,
            right: #"""
                syntax = "proto3";
                import "google/protobuf/descriptor.proto";
                extend google.protobuf.MessageOptions { bool strict = 50000; }
                message M { option (strict) = true; }
                """#),
        .unknownEnumValue: Explanation(
            "a value that the enum does not have",
            """
            An option of an enum type is set by the name of one of its values, without the name of the enum \
            before it.
            """,
            wrong: #"""
                syntax = "proto3";
                option optimize_for = SIZE;
                """#,
            right: #"""
                syntax = "proto3";
                option optimize_for = CODE_SIZE;
                """#),
        .requiredMissing: Explanation(
            "an option without a field that it needs",
            """
            The message of the option has a required field, which must be set.
            """,
            wrong: #"""
                syntax = "proto2";
                import "google/protobuf/descriptor.proto";
                message Owner { required string name = 1; optional string team = 2; }
                extend google.protobuf.FileOptions { optional Owner owner = 50000; }
                option (owner) = { team: "core" };
                """#,
            right: #"""
                syntax = "proto2";
                import "google/protobuf/descriptor.proto";
                message Owner { required string name = 1; optional string team = 2; }
                extend google.protobuf.FileOptions { optional Owner owner = 50000; }
                option (owner) = { name: "ann" team: "core" };
                """#),
        .optionTarget: Explanation(
            "an option on the wrong kind of declaration",
            """
            The field of the option says by `targets` on which kinds of declarations it may be set.
            """,
            wrong: #"""
                edition = "2023";
                message M {
                  option features.field_presence = IMPLICIT;
                  int32 a = 1;
                }
                """#,
            right: #"""
                edition = "2023";
                message M {
                  int32 a = 1 [features.field_presence = IMPLICIT];
                }
                """#),
        .badDefault: Explanation(
            "a default that cannot be",
            """
            The default of a field is a value of its type: messages and repeated fields have none, and neither \
            has a field without presence, since nobody could tell that it is unset.
            """,
            wrong: #"""
                syntax = "proto2";
                message M {
                  optional int32 a = 1 [default = "x"];
                }
                """#,
            right: #"""
                syntax = "proto2";
                message M {
                  optional int32 a = 1 [default = 7];
                }
                """#),
        .badJSONName: Explanation(
            "a JSON name that cannot be",
            """
            `json_name` is a string without NUL that is not in brackets: `[...]` is how extensions are written \
            in JSON. Extensions have no other JSON name than that.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1 [json_name = "[a]"];
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1 [json_name = "a"];
                }
                """#),
        .internalOption: Explanation(
            "an option that only the compiler sets",
            """
            `map_entry` and `uninterpreted_option` say in descriptors what the compiler found; contracts say it \
            in other words.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  option map_entry = true;
                  int32 key = 1;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  map<int32, string> names = 1;
                }
                """#),
        .oneofSetTwice: Explanation(
            "two fields of a oneof in one value",
            """
            A oneof holds one of its fields at a time.
            """,
            wrong: #"""
                syntax = "proto3";
                import "google/protobuf/descriptor.proto";
                message V { oneof v { int32 a = 1; int32 b = 2; } }
                extend google.protobuf.FileOptions { V v = 50000; }
                option (v) = { a: 1 b: 2 };
                """#,
            right: #"""
                syntax = "proto3";
                import "google/protobuf/descriptor.proto";
                message V { oneof v { int32 a = 1; int32 b = 2; } }
                extend google.protobuf.FileOptions { V v = 50000; }
                option (v) = { b: 2 };
                """#),
        .unknownAggregateField: Explanation(
            "a field that the value's message does not have",
            """
            Between the braces stand fields of the message of the option, in text format; extensions of it are \
            in brackets, by their full names.
            """,
            wrong: #"""
                syntax = "proto3";
                import "google/protobuf/descriptor.proto";
                message V { int32 size = 1; }
                extend google.protobuf.FileOptions { V v = 50000; }
                option (v) = { sise: 1 };
                """#,
            right: #"""
                syntax = "proto3";
                import "google/protobuf/descriptor.proto";
                message V { int32 size = 1; }
                extend google.protobuf.FileOptions { V v = 50000; }
                option (v) = { size: 1 };
                """#),
    ]
}
