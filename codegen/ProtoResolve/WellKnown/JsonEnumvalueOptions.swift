extension WellKnownFiles {
    /// `google/protobuf/json_enumvalue_options.proto`, restated: its declarations.
    static let jsonEnumvalueOptionsText = #"""
        edition = "2024";

        package pb.enumvalue;

        import "google/protobuf/descriptor.proto";

        option java_package = "com.google.protobuf.util";

        local message JsonEnumValueOptions {
          string string = 1;
        }

        extend google.protobuf.EnumValueOptions {
          JsonEnumValueOptions json = 998 [feature_support = { edition_introduced: EDITION_2026 }];
        }
        """#
}
