package import Descriptors

/// A file and everything in it, nested elements too, each message before those within it.
package struct ContractFile: Sendable {
    package let proto: FileDescriptorProto
    package let name: String
    package let package: String
    package let isImport: Bool
    package let places: Places
    package let messages: [ContractMessage]
    package let enums: [ContractEnum]
    package let services: [ContractService]
    /// Those that are declared outside of messages.
    package let extensions: [ContractField]

    /// The place of the file as a whole.
    package var place: ElementPlace { ElementPlace(file: name) }
    package var packagePlace: ElementPlace { ElementPlace(file: name, path: [2]) }
    /// `learn/course/v1` of `learn/course/v1/course.proto`; `.` at the root.
    package var directory: String {
        name.lastIndex(of: "/").map { String(name[..<$0]) } ?? "."
    }

    /// Extensions wherever they are declared.
    package var allExtensions: [ContractField] { extensions + messages.flatMap(\.extensions) }

    init(_ proto: FileDescriptorProto, isImport: Bool, mapEntries: Set<String>) {
        var walk = FileWalk(file: proto.name ?? "", mapEntries: mapEntries)
        let scope = proto.package ?? ""
        let traits = Traits(of: proto)
        for (index, message) in proto.messageType.enumerated() {
            walk.visit(message, at: [4, Int32(index)], nestedIn: "", scope: scope, traits)
        }
        for (index, enumeration) in proto.enumType.enumerated() {
            walk.visit(enumeration, at: [5, Int32(index)], nestedIn: "", scope: scope, traits)
        }
        self.proto = proto
        self.isImport = isImport
        name = proto.name ?? ""
        package = scope
        places = Places(proto.sourceCodeInfo)
        messages = walk.messages
        enums = walk.enums
        services = proto.service.enumerated().map { index, service in
            ContractService(
                proto: service, name: service.name ?? "",
                fullName: Contract.qualified(service.name ?? "", in: scope), file: proto.name ?? "",
                place: ElementPlace(file: proto.name ?? "", path: [6, Int32(index)]))
        }
        extensions = proto.extension.enumerated().map { index, field in
            walk.field(
                field, at: [7, Int32(index)],
                in: FileWalk.Scope(message: nil, nestedName: "", fullName: scope, traits: traits))
        }
    }
}

/// Goes through a file and writes down what it meets.
private struct FileWalk {
    let file: String
    let mapEntries: Set<String>
    var messages: [ContractMessage] = []
    var enums: [ContractEnum] = []
    /// The fields of map types, by the full names of their entry types: no source has those, so they stand where the map does.
    private var mapFields: [String: [Int32]] = [:]

    /// What is around a field or an extension.
    struct Scope {
        let message: DescriptorProto?
        let nestedName: String
        let fullName: String
        let traits: Traits
    }

    init(file: String, mapEntries: Set<String>) {
        self.file = file
        self.mapEntries = mapEntries
    }

    /// The compiler bounds how deep messages nest, so the recursion is bounded.
    mutating func visit(
        _ proto: DescriptorProto, at path: [Int32], nestedIn outer: String, scope: String, _ outerTraits: Traits
    ) {
        let name = proto.name ?? ""
        let traits = outerTraits.overridden(by: proto.options?.features)
        let inner = Scope(
            message: proto, nestedName: Contract.qualified(name, in: outer),
            fullName: Contract.qualified(name, in: scope), traits: traits)
        let oneofs = proto.oneofDecl.enumerated().map { index, oneof in
            let members = proto.field.filter { $0.oneofIndex == Int32(index) }
            return ContractOneof(
                proto: oneof, name: oneof.name ?? "", place: ElementPlace(file: file, path: path + [8, Int32(index)]),
                isSynthetic: members.count == 1 && members[0].proto3Optional == true, memberCount: members.count)
        }
        messages.append(
            ContractMessage(
                proto: proto, name: name, nestedName: inner.nestedName, fullName: inner.fullName, file: file,
                place: ElementPlace(file: file, path: mapFields[inner.fullName] ?? path), traits: traits,
                fields: proto.field.enumerated().map { field($1, at: path + [2, Int32($0)], in: inner) },
                oneofs: oneofs,
                extensions: proto.extension.enumerated().map { field($1, at: path + [6, Int32($0)], in: inner) }))
        for (index, field) in proto.field.enumerated()
        where mapEntries.contains(Contract.unqualified(field.typeName ?? "")) {
            mapFields[Contract.unqualified(field.typeName ?? "")] = path + [2, Int32(index)]
        }
        for (index, nested) in proto.nestedType.enumerated() {
            visit(nested, at: path + [3, Int32(index)], nestedIn: inner.nestedName, scope: inner.fullName, traits)
        }
        for (index, nested) in proto.enumType.enumerated() {
            visit(nested, at: path + [4, Int32(index)], nestedIn: inner.nestedName, scope: inner.fullName, traits)
        }
    }

    mutating func visit(
        _ proto: EnumDescriptorProto, at path: [Int32], nestedIn outer: String, scope: String, _ traits: Traits
    ) {
        let name = proto.name ?? ""
        enums.append(
            ContractEnum(
                proto: proto, name: name, nestedName: Contract.qualified(name, in: outer),
                fullName: Contract.qualified(name, in: scope), file: file, place: ElementPlace(file: file, path: path),
                traits: traits.overridden(by: proto.options?.features)))
    }

    func field(_ proto: FieldDescriptorProto, at path: [Int32], in scope: Scope) -> ContractField {
        let name = proto.name ?? ""
        let extendee = proto.extendee.map(Contract.unqualified)
        let oneofs = extendee == nil ? scope.message?.oneofDecl ?? [] : []
        let oneof = proto.oneofIndex.flatMap { oneofs.indices.contains(Int($0)) ? oneofs[Int($0)] : nil }
        let around = scope.traits.overridden(by: oneof?.options?.features)
        let traits = around.overridden(by: proto.options?.features)
        let isMap = proto.label == .repeated && mapEntries.contains(Contract.unqualified(proto.typeName ?? ""))
        var kind = proto.type.flatMap { FieldKind(rawValue: UInt8(clamping: $0.rawValue)) } ?? .int32
        let isInMapEntry = scope.message?.options?.mapEntry == true && extendee == nil
        if kind == .message, traits.isDelimited, !isMap, !isInMapEntry { kind = .group }
        return ContractField(
            proto: proto, name: name, fullName: Contract.qualified(name, in: scope.fullName),
            nestedName: Contract.qualified(name, in: scope.nestedName), number: proto.number ?? 0, kind: kind,
            cardinality: FileWalk.cardinality(of: proto, kind, traits, isMap: isMap),
            place: ElementPlace(file: file, path: isInMapEntry ? mapFields[scope.fullName] ?? path : path),
            traits: traits,
            message: extendee ?? scope.message?.name ?? "",
            isExtension: extendee != nil, isInMapEntry: isInMapEntry,
            oneof: proto.proto3Optional == true ? nil : oneof?.name)
    }

    private static func cardinality(
        of proto: FieldDescriptorProto, _ kind: FieldKind, _ traits: Traits, isMap: Bool
    ) -> ContractField.Cardinality {
        if isMap { return .map }
        if proto.label == .repeated { return .repeated }
        if proto.label == .required || traits.presence == .legacyRequired { return .required }
        let hasPresence =
            kind.isMessage || proto.oneofIndex != nil || proto.extendee != nil || proto.proto3Optional == true
            || traits.presence == .explicit
        return hasPresence ? .explicit : .implicit
    }
}
