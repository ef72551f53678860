import Descriptors
import SwiftEmit
import Testing

@Suite struct EmitterTests {
    @Test func aTypeThatWasNotGivenIsAnError() {
        var file = Contract.file("a.proto", package: "a")
        file.messageType = [Contract.message("A", fields: [("b", ".b.B")])]
        #expect(throws: EmitError(file: "a.proto", message: "the type '.b.B' is in none of the given files")) {
            try SwiftEmitter().emit([file], only: ["a.proto"])
        }
    }

    @Test func anImportThatWasNotGivenIsAnError() {
        let file = Contract.file("a.proto", package: "a", imports: ["b.proto"])
        #expect(throws: EmitError(file: "a.proto", message: "the import 'b.proto' was not given")) {
            try SwiftEmitter().emit([file], only: ["a.proto"])
        }
    }

    @Test func aContractThatWasNotGivenIsAnError() {
        #expect(throws: EmitError(file: "a.proto", message: "the contract was not given")) {
            try SwiftEmitter().emit([], only: ["a.proto"])
        }
    }

    @Test func twoPackagesOfOneNamespaceAreAnError() {
        let files = [Contract.file("a.proto", package: "a.b"), Contract.file("b.proto", package: "a_b")]
        #expect(throws: EmitError(file: "b.proto", message: "packages 'a_b' and 'a.b' are both AB in Swift")) {
            try SwiftEmitter().emit(files, only: ["a.proto"])
        }
    }

    @Test func filesOfOnePackageShareItsNamespace() throws {
        let files = [Contract.file("x/a.proto", package: "p.v1"), Contract.file("x/b.proto", package: "p.v1")]
        let names = try SwiftEmitter().emit(files, only: ["x/a.proto", "x/b.proto"]).map(\.name)
        #expect(names == ["p.v1.package.swift", "p.v1.a.pb.swift", "p.v1.b.pb.swift"])
    }

    @Test func filesOfOnePackageAndOneNameGoByTheirFolders() throws {
        let files = [Contract.file("x/a.proto", package: "p"), Contract.file("y/a.proto", package: "p")]
        let sources = try SwiftEmitter().emit(files, only: ["x/a.proto", "y/a.proto"])
        #expect(sources.map(\.name) == ["p.package.swift", "p.x.a.pb.swift", "p.y.a.pb.swift"])
        #expect(sources[1].text.contains("static let xAFile = "))
    }

    @Test func aFileWithoutAPackageHasANamespaceToo() throws {
        var file = Contract.file("a.proto", package: "")
        file.messageType = [Contract.message("A", fields: [("next", ".A")])]
        let sources = try SwiftEmitter().emit([file], only: ["a.proto"])
        #expect(sources.map(\.name) == ["Unpackaged.package.swift", "a.pb.swift"])
        #expect(sources[1].text.contains("_next: Box<Unpackaged.A>?"))
    }

    @Test(arguments: [
        // What a declaration names is imported as the declaration is; what only the descriptor names, plainly.
        (uses: true, module: "App", import: "public import WellKnown"),
        (uses: false, module: "App", import: "import WellKnown"),
        (uses: true, module: "WellKnown", import: ""),
    ])
    func importsSayWhoNeedsThem(_ row: (uses: Bool, module: String, import: String)) throws {
        var shared = Contract.file("google/protobuf/empty.proto", package: "google.protobuf")
        shared.messageType = [Contract.message("Empty")]
        var file = Contract.file("a.proto", package: "a", imports: ["google/protobuf/empty.proto"])
        file.messageType = [Contract.message("A", fields: row.uses ? [("e", ".google.protobuf.Empty")] : [])]
        let emitter = SwiftEmitter(EmitOptions(module: row.module))
        let source = try emitter.emit([file, shared], only: ["a.proto"])[1]
        let imports = source.text.split(separator: "\n").filter { $0.hasSuffix("import WellKnown") }
        #expect(imports.joined() == row.import)
        #expect(source.text.contains("GoogleProtobuf.emptyFile,"))
    }
}
