/// The files that every compiler of `.proto` brings along, for callers whose import paths do not have them.
enum WellKnownFiles {
    /// The text behind an import path; `nil` if it is none of them.
    static func text(of path: String) -> String? {
        texts[path]
    }

    static var paths: [String] { texts.keys.sorted() }

    private static let texts: [String: String] = [
        "google/protobuf/any.proto": anyText,
        "google/protobuf/descriptor.proto": descriptorText + "\n" + descriptorOptionsText + "\n"
            + descriptorFeaturesText,
        "google/protobuf/duration.proto": durationText,
        "google/protobuf/empty.proto": emptyText,
        "google/protobuf/field_mask.proto": fieldMaskText,
        "google/protobuf/source_context.proto": sourceContextText,
        "google/protobuf/struct.proto": structText,
        "google/protobuf/timestamp.proto": timestampText,
        "google/protobuf/wrappers.proto": wrappersText,
    ]
}
