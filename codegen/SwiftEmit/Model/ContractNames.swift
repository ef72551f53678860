package import Descriptors

/// What contracts are called in Swift, for generators that add to the code that this one writes.
package struct ContractNames {
    package struct Message {
        /// `LearnCourseV1.Course`.
        package let type: String
        package let fields: [Int32: Field]
    }

    package struct Field {
        /// The property that holds it; a oneof's property for its members.
        package let property: String
        /// A member's case in its oneof.
        package let caseName: String?
        /// Its type, or that of an element; nil for maps.
        package let type: String?
        /// The types of a map's keys and values.
        package let entry: (key: String, value: String)?
        /// A singular field whose property is not an optional.
        package let isImplicit: Bool
    }

    package struct File {
        package let namespace: String
        /// What the names of generated files begin with: `learn.course.v1.course`.
        package let stem: String
        /// The module that the code lives in if it is another one.
        package let module: String?
    }

    /// By full name, without a dot in front.
    package private(set) var messages: [String: Message] = [:]
    package private(set) var files: [String: File] = [:]
    /// Swift names of enums, by full name.
    package private(set) var enums: [String: String] = [:]

    package init(
        _ all: [FileDescriptorProto], only: Set<String>, options: EmitOptions
    ) throws(EmitError) {
        let symbols = try Symbols(all, only: only, options: options)
        for file in all {
            var modeler = try FileModeler(file, symbols)
            let model = try modeler.model()
            files[model.path] = File(
                namespace: model.namespace, stem: model.stem, module: symbols.names(ofFile: model.path)?.module)
            for message in model.messages { add(message, behind: model.namespace) }
            for enumeration in ContractNames.enums(of: file) {
                enums[String(enumeration.dropFirst())] = symbols[enumeration]?.qualified
            }
        }
    }

    private mutating func add(_ message: SwiftMessage, behind scope: String) {
        var fields: [Int32: Field] = [:]
        for member in message.members {
            switch member {
            case .field(let field): fields[Int32(field.number)] = Field(field, in: nil)
            case .oneof(let oneof):
                for field in oneof.fields { fields[Int32(field.number)] = Field(field, in: oneof) }
            }
        }
        let type = scope + "." + message.name
        messages[message.fullName] = Message(type: type, fields: fields)
        for nested in message.messages { add(nested, behind: type) }
    }

    /// The full names of a file's enums, each with a dot in front.
    private static func enums(of file: FileDescriptorProto) -> [String] {
        let scope = (file.package ?? "").isEmpty ? "" : "." + (file.package ?? "")
        func below(_ message: DescriptorProto, _ scope: String) -> [String] {
            let scope = scope + "." + (message.name ?? "")
            return message.enumType.map { scope + "." + ($0.name ?? "") }
                + message.nestedType.flatMap { below($0, scope) }
        }
        return file.enumType.map { scope + "." + ($0.name ?? "") } + file.messageType.flatMap { below($0, scope) }
    }
}

extension ContractNames.Field {
    fileprivate init(_ field: SwiftField, in oneof: SwiftOneof?) {
        property = oneof?.name ?? field.name
        caseName = oneof == nil ? nil : field.name
        var pair: (key: String, value: String)?
        var implicit = false
        var name: String?
        switch field.shape {
        case .implicit(let scalar):
            name = scalar.type
            implicit = true
        case .explicit(let scalar), .repeated(let scalar, _): name = scalar.type
        case .message(let type, _), .messages(let type), .group(let type, _), .groups(let type): name = type
        case .map(let key, let value): pair = (key.type, value.type)
        }
        type = name
        entry = pair
        isImplicit = implicit
    }
}
