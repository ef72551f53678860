package import Descriptors

/// A set of files as lint and breaking read it: every element by name, with its place and its resolved features.
package struct Contract: Sendable {
    package let files: [ContractFile]
    private let fileIndex: [String: Int]
    package let messages: [String: ContractMessage]
    package let enums: [String: ContractEnum]
    package let services: [String: ContractService]

    /// - Parameter checked: the files that are asked about; the others are there because those import them. Nil: all.
    package init(_ protos: [FileDescriptorProto], checked: Set<String>? = nil) {
        let entries = Contract.mapEntries(of: protos)
        files = protos.map { proto in
            ContractFile(proto, isImport: !(checked?.contains(proto.name ?? "") ?? true), mapEntries: entries)
        }
        fileIndex = Dictionary(files.enumerated().map { ($1.name, $0) }) { first, _ in first }
        messages = Dictionary(files.flatMap(\.messages).map { ($0.fullName, $0) }) { first, _ in first }
        enums = Dictionary(files.flatMap(\.enums).map { ($0.fullName, $0) }) { first, _ in first }
        services = Dictionary(files.flatMap(\.services).map { ($0.fullName, $0) }) { first, _ in first }
    }

    package func file(_ name: String) -> ContractFile? {
        fileIndex[name].map { files[$0] }
    }

    /// Where an element stands; nil if the source is not known or does not say it.
    package func region(of place: ElementPlace) -> Region? {
        file(place.file)?.places.region(place.path)
    }

    package func leadingComments(of place: ElementPlace) -> String? {
        file(place.file)?.places.leadingComments(place.path)
    }

    /// The first of the places that the source has; the last one if it has none of them.
    package func first(of places: ElementPlace...) -> ElementPlace? {
        places.first { region(of: $0) != nil } ?? places.last
    }

    /// A type name without the leading dot that linked descriptors have.
    package static func unqualified(_ name: String) -> String {
        name.hasPrefix(".") ? String(name.dropFirst()) : name
    }

    static func qualified(_ name: String, in scope: String) -> String {
        scope.isEmpty ? name : "\(scope).\(name)"
    }

    /// The full names of the entry types of all maps: a repeated field of such a type is a map.
    private static func mapEntries(of files: [FileDescriptorProto]) -> Set<String> {
        var names: Set<String> = []
        func visit(_ message: DescriptorProto, in scope: String) {
            let fullName = qualified(message.name ?? "", in: scope)
            if message.options?.mapEntry == true { names.insert(fullName) }
            for nested in message.nestedType { visit(nested, in: fullName) }
        }
        for file in files {
            for message in file.messageType { visit(message, in: file.package ?? "") }
        }
        return names
    }
}
