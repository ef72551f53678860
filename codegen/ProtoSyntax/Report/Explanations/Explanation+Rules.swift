extension Explanation {
    /// The codes about whole declarations.
    static func ofRules(_ code: DiagnosticCode) -> Explanation? {
        rules[code]
    }

    private static let rules: [DiagnosticCode: Explanation] = [
        .jsonNameClash: Explanation(
            "two fields of one JSON name",
            """
            In JSON a field is called by its name in lowerCamelCase, or by its `json_name`. Two fields of a \
            message must differ there too. In proto2 it is a warning, since its JSON was best effort.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 page_size = 1;
                  int32 pageSize = 2;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int32 page_size = 1;
                  int32 page_length = 2;
                }
                """#),
        .mapKeyType: Explanation(
            "a key that maps cannot have",
            """
            The keys of a map are whole numbers, bools or strings: values that are equal only if their bytes \
            are, and that JSON can write as a name.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  map<double, string> names = 1;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  map<string, string> names = 1;
                }
                """#),
        .closedEnumInOpen: Explanation(
            "a closed enum in a field without presence",
            """
            A field without presence reads as 0 when it is unset, and keeps numbers that it does not know. A \
            closed enum (all those of proto2 are) may have no 0, and drops what it does not know.
            """,
            wrong: #"""
                edition = "2023";
                enum Kind {
                  option features.enum_type = CLOSED;
                  LOW = 1;
                }
                message M { Kind kind = 1 [features.field_presence = IMPLICIT]; }
                """#,
            right: #"""
                edition = "2023";
                enum Kind {
                  option features.enum_type = CLOSED;
                  LOW = 1;
                }
                message M { Kind kind = 1; }
                """#),
        .defaultInProto3: Explanation(
            "a default in proto3",
            """
            Fields of proto3 that are unset read as zero or empty: all writers and readers know that without the \
            contract.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1 [default = 7];
                }
                """#,
            right: #"""
                syntax = "proto2";
                message M {
                  optional int32 a = 1 [default = 7];
                }
                """#),
        .requiredExtension: Explanation(
            "an extension that is required",
            """
            A program that does not know the extension could neither set it nor see it, and so could not read \
            the message.
            """,
            wrong: #"""
                syntax = "proto2";
                message M { extensions 100; }
                extend M { required int32 a = 100; }
                """#,
            right: #"""
                syntax = "proto2";
                message M { extensions 100; }
                extend M { optional int32 a = 100; }
                """#),
        .extendInProto3: Explanation(
            "an extension in proto3",
            """
            In a file of proto3 only the options messages of descriptor.proto can be extended: that is how \
            custom options are declared. Open messages have a field of `google.protobuf.Any` instead.
            """,
            wrong: #"""
                syntax = "proto3";
                import "google/protobuf/type.proto";
                extend google.protobuf.Type { string a = 50000; }
                """#,
            right: #"""
                syntax = "proto3";
                import "google/protobuf/descriptor.proto";
                extend google.protobuf.MessageOptions { string a = 50000; }
                """#),
        .packedType: Explanation(
            "a field that cannot be packed",
            """
            Repeated numbers, bools and enums can lie in one run on the wire; strings and messages need their \
            lengths between them. In editions it is said by `features.repeated_field_encoding`.
            """,
            wrong: #"""
                syntax = "proto2";
                message M {
                  repeated string a = 1 [packed = true];
                }
                """#,
            right: #"""
                syntax = "proto2";
                message M {
                  repeated int32 a = 1 [packed = true];
                }
                """#),
        .jstypeType: Explanation(
            "`jstype` on something that is not a whole number of 64 bits",
            """
            JavaScript has no such numbers, so the author may choose what stands for them; other types leave no \
            choice.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1 [jstype = JS_STRING];
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  int64 a = 1 [jstype = JS_STRING];
                }
                """#),
        .lazyType: Explanation(
            "`lazy` on something that is not a message",
            """
            Only a message that lies behind its length can be left unread until it is asked for.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1 [lazy = true];
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  M a = 1 [lazy = true];
                }
                """#),
        .mapEntryClash: Explanation(
            "a map whose entries have no name left",
            """
            `map<K, V> page_labels` declares a message `PageLabelsEntry` beside the field, for its entries on \
            the wire. Nothing else in the scope may have that name.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  message TagsEntry {}
                  map<string, string> tags = 1;
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  map<string, string> tags = 1;
                  message TagEntry {}
                }
                """#),
        .messageSetRules: Explanation(
            "a message set that breaks its rules",
            """
            A message set is an old form on the wire: it has no fields of its own, all its extensions are \
            optional messages, and proto3 has none.
            """,
            wrong: #"""
                syntax = "proto2";
                message M {
                  option message_set_wire_format = true;
                  extensions 4 to max;
                  optional int32 a = 1;
                }
                """#,
            right: #"""
                syntax = "proto2";
                message M {
                  option message_set_wire_format = true;
                  extensions 4 to max;
                }
                """#),
        .extensionRangeInProto3: Explanation(
            "an extendable message in proto3",
            """
            Messages of proto3 have no extension ranges. Open messages have a field of `google.protobuf.Any` \
            instead.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  extensions 100 to 199;
                }
                """#,
            right: #"""
                syntax = "proto2";
                message M {
                  extensions 100 to 199;
                }
                """#),
        .enumValueScope: Explanation(
            "enum values that differ in form alone",
            """
            Generators take the name of the enum off its values and change their letter case. Then these two \
            would be one name.
            """,
            wrong: #"""
                syntax = "proto3";
                enum Level { LEVEL_NONE = 0; LEVEL_TOP = 1; TOP = 2; }
                """#,
            right: #"""
                syntax = "proto3";
                enum Level { LEVEL_NONE = 0; LEVEL_TOP = 1; LEVEL_PEAK = 2; }
                """#),
        .ctypeType: Explanation(
            "`ctype` on something that is not text",
            """
            `ctype` chooses the C++ type of `string` and `bytes` fields.
            """,
            wrong: #"""
                syntax = "proto2";
                message M {
                  optional int32 a = 1 [ctype = CORD];
                }
                """#,
            right: #"""
                syntax = "proto2";
                message M {
                  optional string a = 1 [ctype = CORD];
                }
                """#),
        .extensionDeclaration: Explanation(
            "an extension that its range declares otherwise",
            """
            A range may list its extensions, so that two teams cannot take one number: name, type and `repeated` \
            must be as declared, and names are full, with a point before them.
            """,
            wrong: #"""
                syntax = "proto2";
                message M {
                  extensions 4 to 9 [declaration = { number: 4 full_name: ".a" type: "int32" }];
                }
                extend M { optional string a = 4; }
                """#,
            right: #"""
                syntax = "proto2";
                message M {
                  extensions 4 to 9 [declaration = { number: 4 full_name: ".a" type: "int32" }];
                }
                extend M { optional int32 a = 4; }
                """#),
    ]
}
