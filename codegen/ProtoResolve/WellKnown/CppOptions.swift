extension WellKnownFiles {
    /// `google/protobuf/cpp_options.proto`, restated: its declarations.
    static let cppOptionsText = #"""
        edition = "2024";

        package pb;

        import public "google/protobuf/cpp_file_options.proto";

        """#
}
