extension WellKnownFiles {
    /// `google/protobuf/source_context.proto`, restated: its names and numbers, which are fixed for ever.
    static let sourceContextText = """
        syntax = "proto3";

        package google.protobuf;

        option java_package = "com.google.protobuf";
        option java_outer_classname = "SourceContextProto";
        option java_multiple_files = true;
        option go_package = "google.golang.org/protobuf/types/known/sourcecontextpb";
        option objc_class_prefix = "GPB";
        option csharp_namespace = "Google.Protobuf.WellKnownTypes";

        // The file in which a declaration stands.
        message SourceContext {
          string file_name = 1;
        }
        """
}
