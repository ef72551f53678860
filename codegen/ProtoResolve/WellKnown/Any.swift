extension WellKnownFiles {
    /// `google/protobuf/any.proto`, restated: its names and numbers, which are fixed for ever.
    static let anyText = """
        syntax = "proto3";

        package google.protobuf;

        option java_package = "com.google.protobuf";
        option java_outer_classname = "AnyProto";
        option java_multiple_files = true;
        option go_package = "google.golang.org/protobuf/types/known/anypb";
        option objc_class_prefix = "GPB";
        option csharp_namespace = "Google.Protobuf.WellKnownTypes";

        // A message of any type: the name of the type, and the message in the binary format.
        message Any {
          string type_url = 1;
          bytes value = 2;
        }
        """
}
