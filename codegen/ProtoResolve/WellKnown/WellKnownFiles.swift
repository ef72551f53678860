/// The files that every compiler of `.proto` brings along, for callers whose import paths do not have them.
enum WellKnownFiles {
    /// The text behind an import path; `nil` if it is none of them.
    static func text(of path: String) -> String? {
        texts[path]
    }

    static var paths: [String] { texts.keys.sorted() }

    private static let texts: [String: String] = [
        "google/protobuf/any.proto": anyText,
        "google/protobuf/api.proto": apiText,
        "google/protobuf/c_sharp_features.proto": cSharpFeaturesText,
        "google/protobuf/compiler/plugin.proto": pluginText,
        "google/protobuf/cpp_features.proto": cppFeaturesText,
        "google/protobuf/cpp_file_options.proto": cppFileOptionsText,
        "google/protobuf/cpp_options.proto": cppOptionsText,
        "google/protobuf/descriptor.proto": descriptorText + "\n" + descriptorOptionsText + "\n"
            + descriptorFeaturesText,
        "google/protobuf/duration.proto": durationText,
        "google/protobuf/empty.proto": emptyText,
        "google/protobuf/field_mask.proto": fieldMaskText,
        "google/protobuf/go_features.proto": goFeaturesText,
        "google/protobuf/java_features.proto": javaFeaturesText,
        "google/protobuf/json_enumvalue_options.proto": jsonEnumvalueOptionsText,
        "google/protobuf/json_options.proto": jsonOptionsText,
        "google/protobuf/source_context.proto": sourceContextText,
        "google/protobuf/struct.proto": structText,
        "google/protobuf/timestamp.proto": timestampText,
        "google/protobuf/type.proto": typeText,
        "google/protobuf/wrappers.proto": wrappersText,
    ]
}
