/// Who may use the generated declarations.
public enum Visibility: String, Sendable {
    case `public`
    case `package`
    case `internal`
}

/// What a run of the emitter does besides reading contracts.
public struct EmitOptions: Sendable {
    /// Says in which Swift module the code of contracts under a folder lives.
    public struct ModuleRule: Sendable, Equatable {
        /// A folder of contracts as imports name it, `google/protobuf`, or one file.
        public var path: String
        public var module: String

        public init(path: String, module: String) {
            self.path = path
            self.module = module
        }

        func covers(_ file: String) -> Bool {
            file == path || file.hasPrefix(path.hasSuffix("/") ? path : path + "/")
        }
    }

    /// The contracts that every program shares; their code comes with Weft.
    public static let sharedContracts = [
        ModuleRule(path: "google/protobuf", module: "WellKnown"),
        ModuleRule(path: "google/api", module: "WellKnown"),
        ModuleRule(path: "google/rpc", module: "WellKnown"),
        ModuleRule(path: "buf/validate", module: "RulesAPI"),
        ModuleRule(path: "weft/options", module: "WellKnown"),
    ]

    public var visibility: Visibility
    /// The module that the code is for: what lives there is not imported. Unsaid, it is a module of no rule.
    public var module: String?
    /// The first rule that covers a file counts. A file that none covers is taken to live in the same module.
    public var modules: [ModuleRule]
    /// Whether messages get a `View`, which finds fields in the bytes without decoding them. The target that compiles
    /// the code must enable the experimental feature `Lifetimes`; without it the views are left out.
    public var views: Bool
    /// The Swift types of messages with rules (`RuleEmitter.validatedTypes`): a service checks such a request before its
    /// handler sees it. None, and services check nothing.
    public var validatedTypes: Set<String> = []

    public init(
        visibility: Visibility = .public, module: String? = nil, modules: [ModuleRule] = EmitOptions.sharedContracts,
        views: Bool = false
    ) {
        self.views = views
        self.visibility = visibility
        self.module = module
        self.modules = modules
    }
}

/// Why a contract has no Swift form; the message is for the contract's author.
public struct EmitError: Error, CustomStringConvertible, Equatable {
    /// The contract's file.
    public let file: String
    public let message: String

    public init(file: String, message: String) {
        self.file = file
        self.message = message
    }

    public var description: String { "\(file): \(message)" }
}

/// A file of generated Swift.
public struct GeneratedSource: Sendable, Equatable {
    /// The file's name, without a folder: `learn.course.v1.course.pb.swift`.
    public let name: String
    public let text: String

    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}
