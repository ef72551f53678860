import Descriptors

/// Every type of a run under its full name in the contract, with its name in Swift and the module it lives in.
struct Symbols {
    struct Entry {
        /// Its name behind its namespace, `LearnCourseV1.CourseEvent.Kind`: what fields and methods say.
        let qualified: String
        /// Its own name: `Kind`.
        let name: String
        /// The file that declares it.
        let file: String
        /// The names of an enum's values, in their order; empty for messages.
        var values: [String] = []
        /// The same in the contract.
        var originals: [String] = []
        /// The name of an enum's default, its first value.
        var first: String?
        /// Whether an enum refuses the numbers that it does not name.
        var isClosed = false
        /// A map's entry message: it has no Swift type, so what its fields say stands here.
        var mapEntry: DescriptorProto?
    }

    /// What one contract is called in Swift.
    struct FileNames {
        let namespace: String
        /// What the names of the generated files begin with: `learn.course.v1.course`.
        let stem: String
        /// The constant that holds the file's descriptor: `courseFile`.
        let descriptor: String
        /// The module that the code lives in if it is another one.
        let module: String?
    }

    private var entries: [String: Entry] = [:]
    private var files: [String: FileNames] = [:]
    /// The messages, maps' entries too, that have a required field or reach one.
    private var needy: Set<String> = []
    /// What no type may be called, nested ones neither: every name begins with a namespace, which must not be shadowed.
    private let takenByTypes: Set<String>
    /// By package: the names that its types take from the standard library and from the runtime.
    private var simpleNames: [String: Set<String>] = [:]

    /// `only` names the files that the run is for: they live in this module, whatever the rules say.
    init(_ all: [FileDescriptorProto], only: Set<String>, options: EmitOptions) throws(EmitError) {
        takenByTypes = Naming.takenByTypes.union(try Symbols.namespaces(all))
        let stems = Dictionary(all.map { (Symbols.stem($0), 1) }, uniquingKeysWith: +)
        var scopes: [String: NameScope] = [:]
        var constants = Symbols.constants(all, isAlone: { stems[Symbols.stem($0)] == 1 })
        for file in all.sorted(by: { ($0.name ?? "") < ($1.name ?? "") }) {
            let package = file.package ?? ""
            let path = file.name ?? ""
            files[path] = Symbols.names(
                of: file, isAlone: stems[Symbols.stem(file)] == 1,
                module: only.contains(path) ? nil : Symbols.module(of: path, options))
            var scope = scopes[package] ?? NameScope(taken: takenByTypes)
            declare(file, in: &scope)
            scopes[package] = scope
            declareExtensions(file, in: &constants[package, default: NameScope()])
        }
        needy = Requirements(all).messages
    }

    subscript(_ fullName: String) -> Entry? { entries[fullName] }

    func names(ofFile path: String) -> FileNames? { files[path] }

    func reachesRequired(_ fullName: String) -> Bool { needy.contains(fullName) }

    func simpleNames(ofPackage package: String) -> Set<String> { simpleNames[package] ?? [] }
}

extension Symbols {
    /// Files of one package that are called the same in different folders go by their whole paths.
    private static func names(of file: FileDescriptorProto, isAlone: Bool, module: String?) -> FileNames {
        let package = file.package ?? ""
        let path = file.name ?? ""
        let short = isAlone ? Naming.fileStem(path) : Naming.withoutSuffix(path)
        return FileNames(
            namespace: Naming.namespace(package),
            stem: (package.isEmpty ? "" : package + ".") + short.split(separator: "/").joined(separator: "."),
            descriptor: Naming.lowerCamel(Naming.identifier(short)) + "File", module: module)
    }

    /// By package: the constants that stand in its namespace besides extensions.
    private static func constants(
        _ all: [FileDescriptorProto], isAlone: (FileDescriptorProto) -> Bool
    ) -> [String: NameScope] {
        var taken: [String: Set<String>] = [:]
        for file in all {
            let descriptor = names(of: file, isAlone: isAlone(file), module: nil).descriptor
            let services = file.service.map { Naming.lowerCamel($0.name ?? "") + "Descriptor" }
            taken[file.package ?? "", default: ["self", "init"]].formUnion([descriptor] + services)
        }
        return taken.mapValues { NameScope(taken: $0) }
    }

    /// Extensions are constants: in their package's namespace, or in the message that they stand in.
    private mutating func declareExtensions(_ file: FileDescriptorProto, in scope: inout NameScope) {
        let prefix = (file.package ?? "").isEmpty ? "" : "." + (file.package ?? "")
        let namespace = Naming.namespace(file.package ?? "")
        for field in file.extension { declare(field, in: &scope, under: prefix, behind: namespace, file) }
        for message in file.messageType { declareExtensions(of: message, under: prefix, file) }
    }

    private mutating func declareExtensions(
        of message: DescriptorProto, under prefix: String, _ file: FileDescriptorProto
    ) {
        let name = prefix + "." + (message.name ?? "")
        var scope = NameScope(taken: ["self", "init", "descriptor", "isMessageSet"])
        for field in message.extension {
            declare(field, in: &scope, under: name, behind: entries[name]?.qualified ?? "", file)
        }
        for nested in message.nestedType { declareExtensions(of: nested, under: name, file) }
    }

    private mutating func declare(
        _ field: FieldDescriptorProto, in scope: inout NameScope, under prefix: String, behind qualifier: String,
        _ file: FileDescriptorProto
    ) {
        let name = scope.claim(Naming.lowerCamel(field.name ?? ""))
        entries[prefix + "." + (field.name ?? "")] = Entry(
            qualified: qualifier + "." + name, name: name, file: file.name ?? "")
    }

    private mutating func declare(_ file: FileDescriptorProto, in scope: inout NameScope) {
        let package = file.package ?? ""
        let namespace = Naming.namespace(package)
        let prefix = package.isEmpty ? "" : "." + package
        let place = Place(prefix: prefix, qualifier: namespace, file: file, features: Features(file))
        for message in file.messageType { declare(message, in: &scope, at: place) }
        for enumeration in file.enumType { declare(enumeration, in: &scope, at: place) }
        for service in file.service {
            let fullName = prefix + "." + (service.name ?? "")
            let name = scope.claim(Naming.upperCamel(service.name ?? ""), else: "Service")
            enter(fullName, name, behind: namespace, of: file)
            // The stub's name depends on the service's, so it is claimed at once.
            enter(Symbols.stub(of: fullName), scope.claim(name + "Client"), behind: namespace, of: file)
        }
    }

    /// Under which key the name of a service's stub stands: no name of a contract has a `#`.
    static func stub(of service: String) -> String { service + "#client" }

    /// Where a type is declared.
    private struct Place {
        /// Its scope in the contract, with a dot in front.
        let prefix: String
        /// Its scope in Swift.
        let qualifier: String
        let file: FileDescriptorProto
        let features: Features
    }

    private mutating func declare(_ message: DescriptorProto, in scope: inout NameScope, at place: Place) {
        let fullName = place.prefix + "." + (message.name ?? "")
        if message.options?.mapEntry == true {
            entries[fullName] = Entry(qualified: "", name: "", file: place.file.name ?? "", mapEntry: message)
            return
        }
        let name = scope.claim(Naming.upperCamel(message.name ?? ""), else: "Message")
        enter(fullName, name, behind: place.qualifier, of: place.file)
        let inside = Place(
            prefix: fullName, qualifier: place.qualifier + "." + name, file: place.file,
            features: place.features.with(message.options?.features))
        var inner = NameScope(taken: takenByTypes)
        for nested in message.nestedType { declare(nested, in: &inner, at: inside) }
        for enumeration in message.enumType { declare(enumeration, in: &inner, at: inside) }
        for oneof in message.oneofDecl {
            let name = inner.claim(Naming.upperCamel(oneof.name ?? ""), else: "Oneof")
            enter(fullName + "." + (oneof.name ?? ""), name, behind: inside.qualifier, of: place.file)
        }
    }

    private mutating func declare(_ enumeration: EnumDescriptorProto, in scope: inout NameScope, at place: Place) {
        let name = scope.claim(Naming.upperCamel(enumeration.name ?? ""), else: "Enum")
        let fullName = place.prefix + "." + (enumeration.name ?? "")
        enter(fullName, name, behind: place.qualifier, of: place.file)
        let values = Symbols.valueNames(enumeration)
        entries[fullName]?.values = values
        entries[fullName]?.originals = enumeration.value.map { $0.name ?? "" }
        entries[fullName]?.first = values.first
        entries[fullName]?.isClosed = place.features.with(enumeration.options?.features).isClosed
    }

    private mutating func enter(
        _ fullName: String, _ name: String, behind qualifier: String, of file: FileDescriptorProto
    ) {
        entries[fullName] = Entry(qualified: qualifier + "." + name, name: name, file: file.name ?? "")
        simpleNames[file.package ?? "", default: []].insert(name)
    }

    /// Values without the enum's prefix, unless two would then be the same.
    private static func valueNames(_ enumeration: EnumDescriptorProto) -> [String] {
        let originals = enumeration.value.map { $0.name ?? "" }
        let short = originals.map { Naming.enumValue($0, of: enumeration.name ?? "") }
        let counts = Dictionary(short.map { ($0, 1) }, uniquingKeysWith: +)
        var scope = NameScope(taken: Naming.takenByEnums)
        return zip(originals, short).map { original, short in
            scope.claim(counts[short] == 1 ? short : Naming.enumValue(original, of: ""))
        }
    }

    private static func stem(_ file: FileDescriptorProto) -> String {
        (file.package ?? "") + "." + Naming.fileStem(file.name ?? "")
    }

    private static func module(of path: String, _ options: EmitOptions) -> String? {
        guard let rule = options.modules.first(where: { $0.covers(path) }) else { return nil }
        return rule.module == options.module ? nil : rule.module
    }

    /// Two packages may not become one namespace: `a.b` and `a_b` would mix their types.
    private static func namespaces(_ all: [FileDescriptorProto]) throws(EmitError) -> Set<String> {
        var packages: [String: String] = [:]
        for file in all {
            let package = file.package ?? ""
            let namespace = Naming.namespace(package)
            if let other = packages[namespace], other != package {
                throw EmitError(
                    file: file.name ?? "",
                    message: "packages '\(package)' and '\(other)' are both \(namespace) in Swift")
            }
            packages[namespace] = package
        }
        return Set(packages.keys)
    }
}
