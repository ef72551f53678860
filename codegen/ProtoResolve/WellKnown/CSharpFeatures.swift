extension WellKnownFiles {
    /// `google/protobuf/c_sharp_features.proto`, restated: its declarations.
    static let cSharpFeaturesText = #"""
        syntax = "proto2";

        package pb;

        import "google/protobuf/descriptor.proto";

        option java_outer_classname = "CSharpFeaturesOuterClass";
        option java_multiple_files = true;
        option csharp_namespace = "Google.Protobuf.Reflection";

        message CSharpFeatures {
          optional bool nullable_reference_types = 1 [
            retention = RETENTION_RUNTIME,
            targets = TARGET_TYPE_FIELD,
            targets = TARGET_TYPE_MESSAGE,
            targets = TARGET_TYPE_FILE,
            edition_defaults = { value: "false" edition: EDITION_LEGACY },
            feature_support = { edition_introduced: EDITION_2026 }
          ];
        }

        extend google.protobuf.FeatureSet {
          optional CSharpFeatures csharp = 1004;
        }
        """#
}
