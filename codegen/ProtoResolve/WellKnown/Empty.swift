extension WellKnownFiles {
    /// `google/protobuf/empty.proto`, restated: its names and numbers, which are fixed for ever.
    static let emptyText = """
        syntax = "proto3";

        package google.protobuf;

        option java_package = "com.google.protobuf";
        option java_outer_classname = "EmptyProto";
        option java_multiple_files = true;
        option go_package = "google.golang.org/protobuf/types/known/emptypb";
        option cc_enable_arenas = true;
        option objc_class_prefix = "GPB";
        option csharp_namespace = "Google.Protobuf.WellKnownTypes";

        // Nothing: the request or reply of an rpc that has none.
        message Empty {
        }
        """
}
