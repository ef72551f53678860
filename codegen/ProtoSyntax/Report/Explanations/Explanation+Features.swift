extension Explanation {
    /// The codes about features and editions.
    static func ofFeatures(_ code: DiagnosticCode) -> Explanation? {
        features[code]
    }

    private static let features: [DiagnosticCode: Explanation] = [
        .featureWithoutEdition: Explanation(
            "features without an edition",
            """
            proto2 and proto3 are fixed sets of features. To choose features one by one, the file is written in \
            an edition.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  int32 a = 1 [features.field_presence = EXPLICIT];
                }
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  optional int32 a = 1;
                }
                """#),
        .featureLifetime: Explanation(
            "an option that this edition does not have",
            """
            Options and features come with an edition and go with one; the field of the option says so by \
            `feature_support`.
            """,
            wrong: #"""
                edition = "2023";
                option features.enforce_naming_style = STYLE_LEGACY;
                """#,
            right: #"""
                edition = "2024";
                option features.enforce_naming_style = STYLE_LEGACY;
                """#),
        .featureValue: Explanation(
            "a feature that cannot be set so",
            """
            A feature must make sense where it is set: a repeated field has no presence, only strings can be \
            checked for UTF-8, only numbers can be packed, only messages can be delimited.
            """,
            wrong: #"""
                edition = "2023";
                message M {
                  repeated int32 a = 1 [features.field_presence = EXPLICIT];
                }
                """#,
            right: #"""
                edition = "2023";
                message M {
                  int32 a = 1 [features.field_presence = EXPLICIT];
                }
                """#),
        .namingStyle: Explanation(
            "a name that is not in the style of the edition",
            """
            Since edition 2024 names are checked: packages, fields and oneofs are `lower_snake_case`, messages, \
            enums, services and rpcs are `PascalCase`, enum values are `UPPER_SNAKE_CASE`; an underscore stands \
            only before a letter. `features.enforce_naming_style = STYLE_LEGACY` switches the check off for a \
            declaration and what is in it.
            """,
            wrong: #"""
                edition = "2024";
                message M {
                  int32 pageSize = 1;
                }
                """#,
            right: #"""
                edition = "2024";
                message M {
                  int32 page_size = 1;
                }
                """#),
        .protoLimits: Explanation(
            "more than generated code can bear",
            """
            Edition 2026 limits what languages fail at sooner or later: 1,500 fields and 1,000 oneofs in a \
            message, 1,200 fields in a oneof, 1,700 values in an enum. `features.enforce_proto_limits = \
            LEGACY_NO_EXPLICIT_LIMITS` lifts the limit for one declaration.
            """,
            wrong: #"""
                edition = "2026";
                message M {
                  // 1,501 fields
                }
                """#,
            right: #"""
                edition = "2026";
                message M {
                  int32 a = 1;
                }
                """#),
        .deprecatedFeature: Explanation(
            "an option that is going away",
            """
            The option still works in this edition, and will not in a later one.
            """,
            wrong: #"""
                edition = "2023";
                option py_generic_services = true;
                """#,
            right: #"""
                edition = "2024";
                """#),
    ]
}
