import ProtoSyntax

/// A file on its way from syntax to descriptor. Declarations lie in flat lists and name each other by index, so that a
/// pass can change one while it reads another.
struct Draft: Sendable {
    let tree: FileSyntax
    let isBuiltIn: Bool
    /// Imports that the loader could not follow: names that are not found may be theirs.
    let brokenImports: Set<String>
    var name: String { tree.path }
    let package: String
    var dialect: Dialect { tree.dialect }

    var messages: [MessageDraft] = []
    var fields: [FieldDraft] = []
    var enums: [EnumDraft] = []
    var services: [ServiceDraft] = []
    var optionSets: [OptionSet] = []

    /// What stands at the level of the file, in source order.
    var topMessages: [Int] = []
    var topEnums: [Int] = []
    var topExtensions: [Int] = []
    var optionSet = -1

    /// Files whose names this one may use: itself, its imports, and what those re-export.
    var visibleFiles: Set<Int> = []
    /// Files whose names its options may use: those, and the ones that it imports for options alone.
    var optionFiles: Set<Int> = []
    /// The import statement by which a file is visible.
    var importedBy: [Int: Int] = [:]
    var usedImports: Set<Int> = []
    var features = Features(dialect: .proto2)
}

struct MessageDraft {
    let name: String
    let fullName: String
    let nameSpan: Span
    let parent: Int?
    /// As `SourceCodeInfo` names it.
    let path: [Int32]
    var isMapEntry = false
    var visibility: Visibility?
    var fields: [Int] = []
    var nested: [Int] = []
    var enums: [Int] = []
    var extensions: [Int] = []
    var oneofs: [OneofDraft] = []
    var extensionRanges: [RangeDraft] = []
    var reservedRanges: [RangeDraft] = []
    var reservedNames: [Identifier] = []
    var optionSet: Int
    var features = Features(dialect: .proto2)
    /// Extended field numbers, and who uses them.
    var isMessageSet = false
}

/// Numbers, the end excluded as descriptors have it (in enums: included).
struct RangeDraft {
    let start: Int64
    let end: Int64
    let span: Span
    var optionSet: Int?
}

struct OneofDraft {
    let name: String
    let nameSpan: Span?
    let optionSet: Int
    let isSynthetic: Bool
    var features = Features(dialect: .proto2)
}

/// A message or an enum of some file of the program.
struct TypeRef: Hashable {
    let file: Int
    let index: Int
}

enum ResolvedType: Equatable {
    case scalar(ScalarType)
    case message(TypeRef)
    case group(TypeRef)
    case enumeration(TypeRef)
    /// The name was not found, which is reported.
    case unknown

    var messageRef: TypeRef? {
        switch self {
        case .message(let ref), .group(let ref): ref
        case .scalar, .enumeration, .unknown: nil
        }
    }

    var isScalar: ScalarType? {
        if case .scalar(let scalar) = self { return scalar }
        return nil
    }
}

struct FieldDraft {
    let name: String
    let fullName: String
    let nameSpan: Span
    /// In which names are looked up: the enclosing message, or the package.
    let scope: String
    /// The message that the field is declared in; for extensions, the scope.
    let parent: Int?
    let path: [Int32]
    let syntax: FieldSyntax?
    /// What stands behind `extend`.
    let extendee: Identifier?
    var extended: TypeRef?
    var extendedName = ""
    var written: FieldType
    var label: FieldLabel.Word
    var isProto3Optional = false
    var oneof: Int?
    var number: Int32?
    let numberSpan: Span
    var type = ResolvedType.unknown
    var typeName = ""
    var isMap = false
    var defaultValue: String?
    var jsonName: String
    var hasOwnJSONName = false
    let optionSet: Int
    var features = Features(dialect: .proto2)
    /// Stripped from descriptors (`retention = RETENTION_SOURCE`): known once its own options are.
    var isSourceOnly = false

    var isExtension: Bool { extendee != nil }
    var isRepeated: Bool { label == .repeated }
}

struct EnumDraft {
    let name: String
    let fullName: String
    let nameSpan: Span
    let parent: Int?
    let path: [Int32]
    var visibility: Visibility?
    var values: [EnumValueDraft] = []
    var reservedRanges: [RangeDraft] = []
    var reservedNames: [Identifier] = []
    let optionSet: Int
    var features = Features(dialect: .proto2)

    var isClosed: Bool { features.enumType == .closed }
}

struct EnumValueDraft {
    let name: String
    let nameSpan: Span
    let number: Int32?
    let numberSpan: Span
    let optionSet: Int
    var features = Features(dialect: .proto2)
}

struct ServiceDraft {
    let name: String
    let nameSpan: Span
    let fullName: String
    var methods: [MethodDraft] = []
    let optionSet: Int
    var features = Features(dialect: .proto2)
}

struct MethodDraft {
    let syntax: MethodSyntax
    let fullName: String
    var inputName = ""
    var outputName = ""
    /// The messages behind the names, if they are found.
    var input: TypeRef?
    var output: TypeRef?
    let optionSet: Int
    var features = Features(dialect: .proto2)
}

/// The options of one declaration: as written, and what they mean.
struct OptionSet: Sendable {
    /// What kind of declaration it is, which decides the message that describes the options.
    let target: OptionTarget
    /// The scope of names in parentheses: where the declaration stands.
    let scope: String
    /// The path of the options in `SourceCodeInfo`.
    let path: [Int32]
    var written: [OptionSyntax]
    var values = MessageValue()
    /// For each written option, what it sets.
    var paths: [OptionPath?]
    /// Ranges of one statement share their options: the others repeat the first.
    var sharedWith: Int?
    /// Whether options stood there at all.
    var isPresent: Bool { !written.isEmpty }
}

/// What an option sets.
struct OptionPath {
    /// As `SourceCodeInfo` names it.
    var numbers: [Int32]
    /// The fields from the options down to the one that is set.
    var fields: [TypeRef]
    /// What this statement alone sets it to.
    var content: FieldSlot.Content?
}

/// The kinds of declarations that have options; the numbers are those of `FieldOptions.OptionTargetType`.
enum OptionTarget: Int32 {
    case file = 1
    case extensionRange = 2
    case message = 3
    case field = 4
    case oneof = 5
    case enumeration = 6
    case enumValue = 7
    case service = 8
    case method = 9

    var messageName: String {
        switch self {
        case .file: "FileOptions"
        case .extensionRange: "ExtensionRangeOptions"
        case .message: "MessageOptions"
        case .field: "FieldOptions"
        case .oneof: "OneofOptions"
        case .enumeration: "EnumOptions"
        case .enumValue: "EnumValueOptions"
        case .service: "ServiceOptions"
        case .method: "MethodOptions"
        }
    }

    var text: String {
        switch self {
        case .file: "a file"
        case .extensionRange: "an extension range"
        case .message: "a message"
        case .field: "a field"
        case .oneof: "a oneof"
        case .enumeration: "an enum"
        case .enumValue: "an enum value"
        case .service: "a service"
        case .method: "an rpc"
        }
    }
}
