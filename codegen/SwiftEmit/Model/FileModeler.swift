import Descriptors
import ProtoWire

/// Makes the model of one contract.
struct FileModeler {
    let file: FileDescriptorProto
    let symbols: Symbols
    private let names: Symbols.FileNames
    let comments: Comments
    private let recursion: Recursion
    private let words: Vocabulary
    let textExtensions: [String: [UInt32]]
    private var modules: Set<String> = []

    init(_ file: FileDescriptorProto, _ symbols: Symbols) throws(EmitError) {
        guard let names = symbols.names(ofFile: file.name ?? "") else {
            preconditionFailure("a file of the run has no names")
        }
        self.file = file
        self.symbols = symbols
        self.names = names
        comments = Comments(file)
        recursion = Recursion(file)
        textExtensions = FileModeler.textExtensions(of: file)
        words = Vocabulary(taken: symbols.simpleNames(ofPackage: file.package ?? ""))
    }

    mutating func model() throws(EmitError) -> SwiftFile {
        let features = Features(file)
        let scope = (file.package ?? "").isEmpty ? "" : "." + (file.package ?? "")
        var messages: [SwiftMessage] = []
        for (index, message) in file.messageType.enumerated() {
            messages.append(try model(message, under: scope, at: [4, Int32(index)], features))
        }
        let enums = file.enumType.enumerated().map { model($1, under: scope, at: [5, Int32($0)]) }
        let extensions = try model(extensions: file.extension, under: scope, at: [7], features)
        let messageModules = modules
        modules = []
        var services: [SwiftService] = []
        for (index, service) in file.service.enumerated() {
            services.append(try model(service, under: scope, at: [6, Int32(index)]))
        }
        let (dependencies, hidden) = try dependencies()
        return SwiftFile(
            path: file.name ?? "", package: file.package ?? "", namespace: names.namespace, stem: names.stem,
            descriptorName: names.descriptor, descriptorBase64: embeddedDescriptor(), dependencies: dependencies,
            messageModules: messageModules, hiddenModules: hidden.subtracting(messageModules), serviceModules: modules,
            words: words, wantsSmallCode: file.options?.optimizeFor == .codeSize, comment: comments.ofFile,
            messages: messages, enums: enums, extensions: extensions,
            services: services)
    }

    /// Comments and places are for people who have the contract; programs do without.
    private func embeddedDescriptor() -> String {
        var bare = file
        bare.sourceCodeInfo = nil
        return Base64.encode(bare.encoded())
    }

    private func dependencies() throws(EmitError) -> (constants: [String], modules: Set<String>) {
        var constants: [String] = []
        var modules: Set<String> = []
        for path in file.dependency {
            guard let other = symbols.names(ofFile: path) else { throw fault("the import '\(path)' was not given") }
            constants.append("\(other.namespace).\(other.descriptor)")
            if let module = other.module { modules.insert(module) }
        }
        return (constants, modules)
    }

    func fault(_ message: String) -> EmitError {
        EmitError(file: file.name ?? "", message: message)
    }

    /// The Swift name of a type that a field or method names; its module will be imported.
    mutating func resolve(_ typeName: String?) throws(EmitError) -> Symbols.Entry {
        guard let typeName, let entry = symbols[typeName] else {
            throw fault("the type '\(typeName ?? "")' is in none of the given files")
        }
        if let module = symbols.names(ofFile: entry.file)?.module { modules.insert(module) }
        return entry
    }
}

// MARK: - Messages and enums

extension FileModeler {
    private mutating func model(
        _ message: DescriptorProto, under scope: String, at path: [Int32], _ outer: Features
    ) throws(EmitError) -> SwiftMessage {
        let fullName = scope + "." + (message.name ?? "")
        let features = outer.with(message.options?.features)
        let members = try members(of: message, fullName, at: path, features)
        var messages: [SwiftMessage] = []
        for (index, nested) in message.nestedType.enumerated() where nested.options?.mapEntry != true {
            messages.append(try model(nested, under: fullName, at: path + [3, Int32(index)], features))
        }
        let enums = message.enumType.enumerated().map { model($1, under: fullName, at: path + [4, Int32($0)]) }
        return SwiftMessage(
            name: symbols[fullName]?.name ?? "", fullName: String(fullName.dropFirst()),
            comment: deprecated(comments.at(path), message.options?.deprecated), members: members, messages: messages,
            enums: enums,
            extensions: try model(extensions: message.extension, under: fullName, at: path + [6], features),
            extensibility: FileModeler.extensibility(of: message), textExtensions: textExtensions[fullName] ?? [],
            reachesRequired: symbols.reachesRequired(fullName))
    }

    private func model(_ enumeration: EnumDescriptorProto, under scope: String, at path: [Int32]) -> SwiftEnum {
        let entry = symbols[scope + "." + (enumeration.name ?? "")]
        let values = zip(enumeration.value, entry?.values ?? []).enumerated().map { index, value in
            SwiftEnum.Value(
                name: Naming.escaped(value.1), number: value.0.number ?? 0,
                comment: deprecated(comments.at(path + [2, Int32(index)]), value.0.options?.deprecated))
        }
        return SwiftEnum(
            name: entry?.name ?? "", comment: deprecated(comments.at(path), enumeration.options?.deprecated),
            isClosed: entry?.isClosed ?? false, values: values)
    }

    /// Fields in the order of the contract; a oneof stands where its first field does.
    private mutating func members(
        of message: DescriptorProto, _ owner: String, at path: [Int32], _ features: Features
    ) throws(EmitError) -> [SwiftMember] {
        var scope = NameScope(taken: Naming.takenByMessages)
        var members: [SwiftMember] = []
        var seen: Set<Int32> = []
        for (index, field) in message.field.enumerated() {
            guard let group = field.oneofIndex, field.proto3Optional != true else {
                let name = scope.claim(Naming.lowerCamel(field.name ?? ""))
                members.append(.field(try model(field, name, of: owner, at: path + [2, Int32(index)], features)))
                continue
            }
            guard seen.insert(group).inserted else { continue }
            guard message.oneofDecl.indices.contains(Int(group)) else {
                throw fault("field '\(field.name ?? "")' of \(owner.dropFirst()) names a oneof that is not there")
            }
            members.append(.oneof(try model(oneof: group, of: message, owner, at: path, &scope, features)))
        }
        return try withFallbacks(members, of: message, &scope)
    }

    /// Adds what absent fields mean; fields of the contract had their choice of names before.
    private func withFallbacks(
        _ members: [SwiftMember], of message: DescriptorProto, _ scope: inout NameScope
    ) throws(EmitError) -> [SwiftMember] {
        var literals: [UInt32: String] = [:]
        for field in message.field {
            guard let text = field.defaultValue, let kind = field.type, let number = field.number else { continue }
            guard let literal = DefaultLiteral.swift(text, kind, field.typeName.flatMap { symbols[$0] }) else {
                throw fault("the default '\(text)' of field '\(field.name ?? "")' is no value of its type")
            }
            literals[UInt32(bitPattern: number)] = literal
        }
        guard !literals.isEmpty else { return members }
        func filled(_ field: SwiftField) -> SwiftField {
            guard let literal = literals[field.number] else { return field }
            let name = scope.claim(field.name.filter { $0 != "`" } + "OrDefault")
            var field = field
            field.fallback = SwiftField.Fallback(name: name, literal: literal)
            return field
        }
        return members.map { member in
            switch member {
            case .field(let field): return .field(filled(field))
            case .oneof(var oneof):
                oneof.fields = oneof.fields.map(filled)
                return .oneof(oneof)
            }
        }
    }

    private mutating func model(
        oneof group: Int32, of message: DescriptorProto, _ owner: String, at path: [Int32], _ scope: inout NameScope,
        _ outer: Features
    ) throws(EmitError) -> SwiftOneof {
        let oneof = message.oneofDecl[Int(group)]
        let features = outer.with(oneof.options?.features)
        var cases = NameScope(taken: Naming.takenByCases)
        var fields: [SwiftField] = []
        for (index, field) in message.field.enumerated() where field.oneofIndex == group {
            let name = cases.claim(Naming.lowerCamel(field.name ?? ""))
            fields.append(try model(field, name, of: owner, at: path + [2, Int32(index)], features))
        }
        let entry = symbols[owner + "." + (oneof.name ?? "")]
        return SwiftOneof(
            name: Naming.escaped(scope.claim(Naming.lowerCamel(oneof.name ?? ""))), type: entry?.qualified ?? "",
            typeName: entry?.name ?? "", fields: fields, comment: comments.at(path + [8, group]))
    }

    func deprecated(_ comment: [String], _ isDeprecated: Bool?) -> [String] {
        guard isDeprecated == true else { return comment }
        return comment + (comment.isEmpty ? [] : [""]) + ["The contract deprecates it."]
    }
}

// MARK: - Fields

extension FileModeler {
    private mutating func model(
        _ field: FieldDescriptorProto, _ name: String, of owner: String, at path: [Int32], _ outer: Features
    ) throws(EmitError) -> SwiftField {
        guard let number = field.number, number > 0 else {
            throw fault("field '\(field.name ?? "")' of \(owner.dropFirst()) has no number")
        }
        let comment = deprecated(comments.at(path), field.options?.deprecated)
        let features = outer.with(field.options?.features)
        return SwiftField(
            name: Naming.escaped(name), number: UInt32(number), shape: try shape(of: field, in: owner, features),
            comment: comment, contractName: field.name ?? "",
            isRequired: field.label == .required || features.presence == .legacyRequired && field.label != .repeated,
            reachesRequired: field.typeName.map { symbols.reachesRequired($0) } ?? false)
    }

    mutating func shape(
        of field: FieldDescriptorProto, in owner: String, _ features: Features
    ) throws(EmitError) -> FieldShape {
        let isRepeated = field.label == .repeated
        guard let kind = field.type else {
            throw fault("field '\(field.name ?? "")' of \(owner.dropFirst()) has no type")
        }
        if kind == .message || kind == .group {
            let entry = try resolve(field.typeName)
            if let map = entry.mapEntry { return try shape(ofMap: map) }
            let isBoxed = recursion.closes(from: owner, to: field.typeName ?? "")
            if kind == .group || features.isDelimited {
                return isRepeated ? .groups(entry.qualified) : .group(entry.qualified, boxed: isBoxed)
            }
            return isRepeated ? .messages(entry.qualified) : .message(entry.qualified, boxed: isBoxed)
        }
        let scalar = try scalar(of: field, kind)
        if isRepeated {
            return .repeated(scalar, packed: scalar.isPackable && field.options?.packed ?? features.isPacked)
        }
        let isExplicit = field.oneofIndex != nil || field.label == .required || features.presence != .implicit
        return isExplicit ? .explicit(scalar) : .implicit(scalar)
    }

    private mutating func scalar(
        of field: FieldDescriptorProto, _ kind: FieldDescriptorProto.Kind
    ) throws(EmitError) -> Scalar {
        if kind == .enum {
            let entry = try resolve(field.typeName)
            return Scalar(
                enumeration: entry.qualified, first: entry.first.map(Naming.escaped), isClosed: entry.isClosed, words)
        }
        guard let scalar = Scalar(kind, words) else {
            throw fault("field '\(field.name ?? "")' has the unknown type \(kind.rawValue)")
        }
        return scalar
    }

    /// A map's type is told by the fields 1 and 2 of its entry.
    private mutating func shape(ofMap entry: DescriptorProto) throws(EmitError) -> FieldShape {
        guard let key = entry.field.first(where: { $0.number == 1 }),
            let value = entry.field.first(where: { $0.number == 2 }), let keyKind = key.type, let valueKind = value.type
        else { throw fault("the map entry '\(entry.name ?? "")' has no key or no value") }
        let keyScalar = try scalar(of: key, keyKind)
        let keyCoded = FieldShape.Coded(type: keyScalar.type, coding: keyScalar.coding)
        if valueKind == .message {
            let type = try resolve(value.typeName).qualified
            let coding = words.wire("ProtoMessageOf") + "<\(type)>"
            return .map(key: keyCoded, value: FieldShape.Coded(type: type, coding: coding))
        }
        let valueScalar = try scalar(of: value, valueKind)
        let valueCoded = FieldShape.Coded(
            type: valueScalar.type, coding: valueScalar.coding, isClosed: valueScalar.isClosed)
        return .map(key: keyCoded, value: valueCoded)
    }
}
