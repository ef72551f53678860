extension WellKnownFiles {
    /// `google/protobuf/cpp_file_options.proto`, restated: its declarations.
    static let cppFileOptionsText = #"""
        edition = "2024";

        package pb.file;

        import "google/protobuf/descriptor.proto";


        local message CppFileOptions {
          string namespace = 1;
        }

        extend google.protobuf.FileOptions {
          CppFileOptions cpp = 990 [feature_support = { edition_introduced: EDITION_2026 }];
        }
        """#
}
