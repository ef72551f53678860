package import SwiftEmit

/// The names of a module's generated files as they follow from the paths of its contracts, before anyone has read one.
///
/// A build system asks for the outputs of a step before it runs the step. So each contract has all files that it can have,
/// empty if need be, and the namespaces of the packages, which contracts share, are in one file. SwiftPM's objects lie in one
/// folder, so a name holds the whole path: `learn/course.proto` and `shop/course.proto` do not meet.
package struct DeclaredNames {
    /// What a contract's files end in.
    private let suffixes: [String]
    /// The namespaces of all packages of a module.
    package static let packages = "packages.swift"

    private let contracts: [String]

    package init(_ contracts: [String], _ features: GeneratePlan.Features = GeneratePlan.Features()) {
        self.contracts = contracts
        suffixes = [".pb.swift", ".rpc.swift"] + (features.validation ? [".validate.swift"] : [])
    }

    /// Every file of the module.
    package var all: [String] {
        contracts.flatMap { contract in suffixes.map { DeclaredNames.stem(contract) + $0 } }
            + [DeclaredNames.packages]
    }

    /// `learn/course.proto` as `learn.course`. A point in a name is doubled, or `a.b/c` and `a/b.c` would be one.
    package static func stem(_ contract: String) -> String {
        let path = contract.hasSuffix(".proto") ? contract.dropLast(6) : contract[...]
        return path.split(separator: "/").map { part in
            part.split(separator: ".", omittingEmptySubsequences: false).joined(separator: "..")
        }.joined(separator: ".")
    }

    /// The code of the contracts, each of which `emit` turns into Swift, under these names.
    package func sources(_ emit: (_ contract: String) throws -> [GeneratedSource]) throws -> [GeneratedSource] {
        var sources: [GeneratedSource] = []
        var namespaces: [String: String] = [:]
        for contract in contracts {
            var texts: [String: String] = [:]
            for source in try emit(contract) {
                if source.name.hasSuffix(".package.swift") {
                    namespaces[source.name] = source.text
                } else if let suffix = suffixes.first(where: source.name.hasSuffix) {
                    texts[suffix] = source.text
                } else {
                    preconditionFailure("the emitter made \(source.name), of which no suffix is declared")
                }
            }
            for suffix in suffixes {
                let text = texts[suffix] ?? DeclaredNames.nothing(of: contract)
                sources.append(GeneratedSource(name: DeclaredNames.stem(contract) + suffix, text: text))
            }
        }
        let text = namespaces.sorted { $0.key < $1.key }.map(\.value).joined(separator: "\n")
        return sources + [GeneratedSource(name: DeclaredNames.packages, text: text)]
    }

    private static func nothing(of contract: String) -> String {
        "\(GeneratedFolder.signature)from \(contract), which has nothing for this file.\n"
    }
}
