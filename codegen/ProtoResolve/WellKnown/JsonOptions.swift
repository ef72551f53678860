extension WellKnownFiles {
    /// `google/protobuf/json_options.proto`, restated: its declarations.
    static let jsonOptionsText = #"""
        edition = "2024";

        package pb;

        import public "google/protobuf/json_enumvalue_options.proto";

        option java_package = "com.google.protobuf.util";
        """#
}
