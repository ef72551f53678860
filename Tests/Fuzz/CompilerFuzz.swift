import Descriptors
import ProtoResolve
import ProtoSyntax
import ProtoWire

/// The compiler's front end. An input is one contract, or several as `== path` and text: what `Diagnostics` holds.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCompiler(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data, count > 0 else { return 0 }
    let files = split(Array(UnsafeBufferPointer(start: data, count: count)))
    var options = Compiler.Options()
    options.allowsUnstable = true
    options.retainsSourceOptions = count % 2 == 0
    // Some have a descriptor.proto of their own, as protoc lets them.
    let isBrief = count % 8 == 0
    let compiler = Compiler(options: options) { path in
        files[path] ?? (isBrief && path == "google/protobuf/descriptor.proto" ? Array(briefDescriptor.utf8) : nil)
    }
    let (descriptors, report) = compiler.compile(["a.proto"])
    precondition(
        report.hasErrors == descriptors.isEmpty, "a report with errors goes without descriptors, and only that")
    precondition(report.diagnostics.count <= Report.defaultLimit, "a report is bounded")
    // Whatever the places are, they can be shown.
    _ = ReportRenderer().render(report)
    _ = ReportRenderer(style: .lines).render(report)
    _ = MachineRenderer(.json).render(report)
    for descriptor in descriptors {
        let bytes = descriptor.encoded()
        guard let read = try? FileDescriptorProto(decoding: bytes) else { preconditionFailure("it does not read back") }
        precondition(read.encoded() == bytes, "it does not read back as it was")
    }
    if !descriptors.isEmpty { _ = try? DescriptorPool(descriptors) }
    return 0
}

/// The files of an input: what follows each line `== path`, or all of it as `a.proto`.
private func split(_ bytes: [UInt8]) -> [String: [UInt8]] {
    guard bytes.starts(with: Array("== ".utf8)) else { return ["a.proto": bytes] }
    var files: [String: [UInt8]] = [:]
    var path = "a.proto"
    for line in bytes.split(separator: UInt8(ascii: "\n"), maxSplits: .max, omittingEmptySubsequences: false) {
        if line.starts(with: Array("== ".utf8)) {
            path = String(decoding: line.dropFirst(3), as: UTF8.self)
            files[path] = []
        } else {
            files[path, default: []] += line + [UInt8(ascii: "\n")]
        }
    }
    return files
}

/// A descriptor.proto with one option of each kind that the compiler looks at.
private let briefDescriptor = """
    syntax = "proto2";
    package google.protobuf;
    message FileOptions { optional string java_package = 1; optional FeatureSet features = 50; extensions 990 to max; }
    message MessageOptions {
      optional bool message_set_wire_format = 1; optional bool deprecated = 3; optional bool map_entry = 7;
      optional FeatureSet features = 12; extensions 990 to max;
    }
    message FieldOptions {
      enum CType { STRING = 0; CORD = 1; }
      enum OptionRetention { RETENTION_UNKNOWN = 0; RETENTION_RUNTIME = 1; RETENTION_SOURCE = 2; }
      enum OptionTargetType { TARGET_TYPE_UNKNOWN = 0; TARGET_TYPE_FILE = 1; TARGET_TYPE_FIELD = 4; }
      message FeatureSupport { optional Edition edition_introduced = 1; optional Edition edition_removed = 4; }
      optional CType ctype = 1; optional bool packed = 2; optional bool deprecated = 3; optional bool lazy = 5;
      optional OptionRetention retention = 17; repeated OptionTargetType targets = 19; optional FeatureSet features = 21;
      optional FeatureSupport feature_support = 22; extensions 990 to max;
    }
    message OneofOptions { optional FeatureSet features = 1; extensions 990 to max; }
    message ExtensionRangeOptions {
      message Declaration {
        optional int32 number = 1; optional string full_name = 2; optional string type = 3; optional bool reserved = 5;
        optional bool repeated = 6;
      }
      enum VerificationState { DECLARATION = 0; UNVERIFIED = 1; }
      repeated Declaration declaration = 2 [retention = RETENTION_SOURCE]; optional VerificationState verification = 3;
      optional FeatureSet features = 50; extensions 990 to max;
    }
    message EnumOptions { optional bool allow_alias = 2; optional FeatureSet features = 7; extensions 990 to max; }
    message EnumValueOptions {
      optional bool deprecated = 1; optional FeatureSet features = 2; optional FieldOptions.FeatureSupport feature_support = 4;
      extensions 990 to max;
    }
    message ServiceOptions { optional bool deprecated = 33; optional FeatureSet features = 34; extensions 990 to max; }
    message MethodOptions { optional bool deprecated = 33; optional FeatureSet features = 35; extensions 990 to max; }
    message FeatureSet {
      enum FieldPresence { FIELD_PRESENCE_UNKNOWN = 0; EXPLICIT = 1; IMPLICIT = 2; LEGACY_REQUIRED = 3; }
      enum EnumType { ENUM_TYPE_UNKNOWN = 0; OPEN = 1; CLOSED = 2; }
      enum MessageEncoding { MESSAGE_ENCODING_UNKNOWN = 0; LENGTH_PREFIXED = 1; DELIMITED = 2; }
      enum EnforceNamingStyle { ENFORCE_NAMING_STYLE_UNKNOWN = 0; STYLE2024 = 1; STYLE_LEGACY = 2; STYLE2026 = 3; }
      optional FieldPresence field_presence = 1; optional EnumType enum_type = 2;
      optional MessageEncoding message_encoding = 5; optional EnforceNamingStyle enforce_naming_style = 7;
      extensions 1000 to max;
    }
    enum Edition { EDITION_UNKNOWN = 0; EDITION_PROTO2 = 998; EDITION_2023 = 1000; EDITION_2024 = 1001; }
    """
