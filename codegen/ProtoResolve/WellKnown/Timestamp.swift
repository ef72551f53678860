extension WellKnownFiles {
    /// `google/protobuf/timestamp.proto`, restated: its names and numbers, which are fixed for ever.
    static let timestampText = """
        syntax = "proto3";

        package google.protobuf;

        option java_package = "com.google.protobuf";
        option java_outer_classname = "TimestampProto";
        option java_multiple_files = true;
        option go_package = "google.golang.org/protobuf/types/known/timestamppb";
        option cc_enable_arenas = true;
        option objc_class_prefix = "GPB";
        option csharp_namespace = "Google.Protobuf.WellKnownTypes";

        // A point in time: seconds since 1970-01-01T00:00:00Z, and nanoseconds that count forward from there.
        message Timestamp {
          int64 seconds = 1;
          int32 nanos = 2;
        }
        """
}
