import Descriptors
import ProtoResolve
import ProtoSyntax

/// The tables of a contract that has every kind of field, made by the compiler in this process.
enum FuzzTables {
    static let pool: DescriptorPool = {
        let (files, report) = Compiler { $0 == "fuzz.proto" ? Array(text.utf8) : nil }.compile(["fuzz.proto"])
        guard !report.hasErrors, let pool = try? DescriptorPool(files) else {
            preconditionFailure("the contract is good")
        }
        return pool
    }()

    static let table: MessageTable = {
        guard let table = pool.message("fuzz.Everything") else { preconditionFailure("it declares the message") }
        return table
    }()

    private static let text = """
        edition = "2023";
        package fuzz;
        import "google/protobuf/any.proto";
        import "google/protobuf/duration.proto";
        import "google/protobuf/field_mask.proto";
        import "google/protobuf/struct.proto";
        import "google/protobuf/timestamp.proto";
        import "google/protobuf/wrappers.proto";

        message Everything {
          int32 a = 1; int64 b = 2; uint32 c = 3; uint64 d = 4; sint32 e = 5; sint64 f = 6; fixed32 g = 7; fixed64 h = 8;
          sfixed32 i = 9; sfixed64 j = 10; float k = 11; double l = 12; bool m = 13; string n = 14; bytes o = 15;
          Kind p = 16; Everything q = 17; Everything r = 18 [features.message_encoding = DELIMITED];
          repeated int32 ra = 21; repeated sint64 rf = 22; repeated fixed32 rg = 23; repeated double rl = 24;
          repeated bool rm = 25; repeated string rn = 26; repeated bytes ro = 27; repeated Kind rp = 28;
          repeated Everything rq = 29; repeated int32 rx = 30 [features.repeated_field_encoding = EXPANDED];
          map<string, int32> ms = 31; map<int32, Everything> me = 32; map<bool, Kind> mb = 33; map<fixed64, bytes> mf = 34;
          oneof choice { int32 oa = 41; string on = 42; Everything oq = 43; Kind op = 44; }
          google.protobuf.Any any = 51; google.protobuf.Timestamp time = 52; google.protobuf.Duration duration = 53;
          google.protobuf.Struct structure = 54; google.protobuf.Value value = 55; google.protobuf.ListValue list = 56;
          google.protobuf.FieldMask mask = 57; google.protobuf.Int64Value wrapped = 58; google.protobuf.BytesValue raw = 59;
          google.protobuf.NullValue null = 60; repeated google.protobuf.Value values = 61;
          Closed closed = 62; repeated Closed closeds = 63; int32 implicit = 64 [features.field_presence = IMPLICIT];
          extensions 100 to 199;
        }

        extend Everything { int32 more = 100; repeated Everything most = 101; string text = 102; }

        enum Kind { NONE = 0; ONE = 1; MINUS = -1; }
        enum Closed { option features.enum_type = CLOSED; CLOSED_ONE = 1; CLOSED_TWO = 2; }
        """
}
