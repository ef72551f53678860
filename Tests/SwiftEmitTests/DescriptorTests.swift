import Descriptors
import ProtoWire
import Testing
import WellKnown

@Suite struct DescriptorTests {
    static let generated: [GeneratedFile] = [
        GoldensEverythingV1.everythingFile, GoldensNamesV1.namesFile, GoldensLegacy.legacyFile,
        GoldensEdition.editionFile,
        GoldensServicesV1.servicesFile,
    ]

    /// Code carries its contract without comments and places, and otherwise as the compiler gave it.
    @Test func codeCarriesItsContract() throws {
        let contracts = try Contract.all()
        for file in DescriptorTests.generated {
            let embedded = try FileDescriptorProto(decoding: file.descriptorBytes())
            var contract = try #require(contracts.first { $0.name == file.name })
            #expect(contract.sourceCodeInfo != nil)
            contract.sourceCodeInfo = nil
            #expect(embedded == contract)
        }
    }

    @Test func aFileLeadsToAllThatItImports() throws {
        func check(_ file: GeneratedFile) throws {
            let embedded = try FileDescriptorProto(decoding: file.descriptorBytes())
            #expect(embedded.name == file.name)
            #expect(embedded.dependency == file.dependencies.map(\.name))
            for dependency in file.dependencies { try check(dependency) }
        }
        for file in DescriptorTests.generated + [GoogleApi.annotationsFile, WeftOptionsV1.optionsFile] {
            try check(file)
        }
    }

    @Test func aMessageSaysWhatItIs() {
        #expect(GoldensEverythingV1.Everything.descriptor.fullName == "goldens.everything.v1.Everything")
        #expect(GoldensEverythingV1.Everything.Point.descriptor.fullName == "goldens.everything.v1.Everything.Point")
        #expect(GoldensEverythingV1.Everything.descriptor.file.name == "everything.proto")
    }

    @Test func aServiceSaysItsMethods() {
        let service = GoldensServicesV1.everyoneDescriptor
        #expect(service.fullName == "goldens.services.v1.Everyone")
        #expect(service.methods.map(\.path).first == "/goldens.services.v1.Everyone/Get")
        #expect(service.methods.map(\.name) == ["Get", "Upload", "Watch", "Chat"])
        #expect(service.methods.map(\.kind) == [.unary, .clientStreaming, .serverStreaming, .bidirectional])
        #expect(service.methods.map(\.isIdempotent) == [true, true, false, false])
    }
}
