import Descriptors
import ProtoWire
import Testing
import WellKnown

@Suite struct DescriptorTests {
    static let generated: [GeneratedFile] = [
        GoldensEverythingV1.everythingFile, GoldensNamesV1.namesFile, GoldensLegacy.legacyFile,
        GoldensEdition.editionFile, GoldensExtensions.extensionsFile,
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

/// Custom options are extensions of the options messages, generated or restated.
@Suite struct CustomOptionTests {
    @Test func aConstantIsAKeyToEitherForm() throws {
        var rule = GoogleApi.HttpRule()
        rule.pattern = .get("/v1/{name}")
        var generated = GoogleProtobuf.MethodOptions()
        generated[GoogleApi.http] = rule
        let restated = try MethodOptions(decoding: generated.encoded())
        #expect(restated[GoogleApi.http] == rule && generated[GoogleApi.http] == rule)
        #expect(try restated.value(of: GoogleApi.http) == rule)
        // The number of a service's option on a method: the name tells them apart.
        #expect(restated[WeftOptionsV1.service] == nil)
        #expect(MethodOptions()[GoogleApi.http] == nil)
        let broken = try MethodOptions(decoding: [0x82, 0xD3, 0xE4, 0x93, 0x02, 0x01, 0x12])
        #expect(broken[GoogleApi.http] == nil)
        #expect(throws: DecodeError.self) { try broken.value(of: GoogleApi.http) }
    }
}
