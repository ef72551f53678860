/// What one contract says in Swift, before it is text: names are chosen, types are resolved, comments are at their places.
struct SwiftFile {
    /// The contract as imports name it: `learn/course/v1/course.proto`.
    let path: String
    let package: String
    let namespace: String
    /// What the files' names begin with: `learn.course.v1.course`.
    let stem: String
    /// The constant that holds the file's descriptor: `courseFile`.
    let descriptorName: String
    /// The serialized `FileDescriptorProto`, without source information, in base64.
    let descriptorBase64: String
    /// The constants of the imported files' descriptors.
    let dependencies: [String]
    /// Modules whose types stand in declarations of messages.
    let messageModules: Set<String>
    /// Modules that only the dependencies name.
    let hiddenModules: Set<String>
    /// Modules whose types stand in declarations of services.
    let serviceModules: Set<String>
    let words: Vocabulary
    /// `option optimize_for = CODE_SIZE`.
    let wantsSmallCode: Bool
    let comment: [String]
    let messages: [SwiftMessage]
    let enums: [SwiftEnum]
    let extensions: [SwiftExtension]
    let services: [SwiftService]
}

struct SwiftMessage {
    let name: String
    /// In the contract: `learn.course.v1.Course`.
    let fullName: String
    let comment: [String]
    let members: [SwiftMember]
    let messages: [SwiftMessage]
    let enums: [SwiftEnum]
    /// The extensions that stand in it, whatever they extend.
    let extensions: [SwiftExtension]
    /// Whether and how other contracts may extend it.
    let extensibility: Extensibility
    /// The tags of its own file's extensions that are text to be checked.
    let textExtensions: [UInt32]
    /// Whether it has a required field, or a message below it has.
    let reachesRequired: Bool
}

enum Extensibility {
    case none
    case fields
    /// As items of a group (`message_set_wire_format`).
    case messageSet
}

/// A field that the contract adds to a message: a constant in Swift.
struct SwiftExtension {
    let name: String
    /// In the contract: `google.api.http`.
    let fullName: String
    let number: UInt32
    /// The message that it extends.
    let owner: String
    let shape: FieldShape
    /// What an absent field means, as Swift writes it, if that is not the type's own default.
    let fallback: String?
    let comment: [String]
}

/// What a struct has for what the contract has: a property, or one for a whole oneof.
enum SwiftMember {
    case field(SwiftField)
    case oneof(SwiftOneof)
}

struct SwiftField {
    /// As it is declared, in back-ticks where it needs them.
    let name: String
    let number: UInt32
    let shape: FieldShape
    let comment: [String]
    /// In the contract: `video_url`.
    let contractName: String
    let isRequired: Bool
    /// Whether a message of this field has a required field, or reaches one.
    let reachesRequired: Bool
    /// What the contract says that an absent field means.
    var fallback: Fallback?

    struct Fallback {
        /// The property that never is nil: `countOrDefault`.
        let name: String
        /// The value as Swift writes it.
        let literal: String
    }
}

struct SwiftOneof {
    let name: String
    /// The type as fields name it: `LearnCourseV1.Lesson.Content`.
    let type: String
    let typeName: String
    /// Their names are the cases'; no shape is repeated.
    var fields: [SwiftField]
    let comment: [String]
}

struct SwiftEnum {
    struct Value {
        let name: String
        let number: Int32
        let comment: [String]
    }

    let name: String
    let comment: [String]
    /// Whether it refuses the numbers that it does not name.
    let isClosed: Bool
    let values: [Value]
}

struct SwiftService {
    struct Method {
        let name: String
        /// In the contract: `GetCourse`.
        let contractName: String
        let input: String
        let output: String
        let isClientStreaming: Bool
        let isServerStreaming: Bool
        let isIdempotent: Bool
        let comment: [String]
    }

    let name: String
    let clientName: String
    let descriptorName: String
    /// In the contract: `learn.course.v1.CourseService`.
    let fullName: String
    let comment: [String]
    let methods: [Method]
}
