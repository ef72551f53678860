import Descriptors
import Foundation
import ProtoResolve
import ProtoSyntax
import ProtoWire
import Testing

/// Our descriptors are protoc's, byte for byte.
@Suite(.enabled(if: Files.hasProtoc, Protoc.unavailable))
struct DescriptorSetTests {
    struct Corpus: CustomTestStringConvertible, Sendable {
        let name: String
        let roots: [URL]
        let paths: [String]
        /// How many files the set must have, imports included, at the least: an empty corpus proves nothing.
        let least: Int

        var testDescription: String { name }
    }

    static let corpora: [Corpus] = {
        guard let packages = Files.sitePackages, let wellKnown = Files.wellKnown else { return [] }
        let older = packages.appending(path: "grpc_tools/_proto")
        let contracts = Files.top.appending(path: "proto")
        let own = Files.tests.appending(path: "Contracts")
        return [
            Corpus(
                name: "the contracts of the mesh", roots: [contracts, wellKnown],
                paths: Files.contracts(under: contracts), least: 15),
            Corpus(
                name: "the files of protoc and its conformance suite", roots: [wellKnown],
                paths: Files.contracts(under: wellKnown), least: 25),
            Corpus(
                name: "the files of an older protoc", roots: [older], paths: Files.contracts(under: older), least: 15),
            Corpus(
                name: "googleapis-common-protos", roots: [packages, wellKnown],
                paths: Files.contracts(under: packages, in: "google"), least: 70),
            Corpus(
                name: "every corner of the language", roots: [own, wellKnown], paths: Files.contracts(under: own),
                least: 45),
        ]
    }()

    @Test(
        "the set is protoc's",
        arguments: corpora, [(false, false), (true, false), (false, true), (true, true)])
    func setsAreEqual(corpus: Corpus, form: (sourceInfo: Bool, retain: Bool)) throws {
        let ours = Files.compile(corpus.paths, under: corpus.roots, sourceInfo: form.sourceInfo, retain: form.retain)
        #expect(!ours.report.hasErrors, "\(ReportRenderer(style: .lines).render(ours.report))")
        let theirs = try Protoc(roots: corpus.roots)
            .descriptorSet(of: corpus.paths, sourceInfo: form.sourceInfo, retain: form.retain).file
        #expect(ours.files.map(\.name) == theirs.map(\.name), "the order of files")
        var equal = 0
        for (our, their) in zip(ours.files, theirs) {
            if our.encoded() == their.encoded() {
                equal += 1
            } else {
                Issue.record("\(our.name ?? "?") differs: \(firstDifference(our, their))")
            }
        }
        #expect(theirs.count >= corpus.least)
        let what = (form.sourceInfo ? " with source info" : "") + (form.retain ? ", options retained" : "")
        print("\(corpus.name)\(what): equal \(equal) of \(theirs.count)")
    }

    @Test("the built-in files are those that protoc brings along, declaration by declaration")
    func builtInFilesAreEqual() throws {
        let root = try #require(Files.wellKnown)
        let paths = Files.contracts(under: root, in: "google")
        let ours = Files.compile(paths, under: [])
        #expect(ours.report.isEmpty, "\(ReportRenderer(style: .lines).render(ours.report))")
        let theirs = try Protoc(roots: [root]).descriptorSet(of: paths, sourceInfo: false, retain: false).file
        #expect(ours.files.map(\.name) == theirs.map(\.name))
        #expect(theirs.count >= 20)
        for (our, their) in zip(ours.files, theirs) {
            #expect(our.encoded() == their.encoded(), "\(our.name ?? "?")")
        }
    }

    private func firstDifference(_ our: FileDescriptorProto, _ their: FileDescriptorProto) -> String {
        let pairs = zip(our.sourceCodeInfo?.location ?? [], their.sourceCodeInfo?.location ?? [])
        if let (one, other) = pairs.first(where: { $0 != $1 }) {
            return "our location \(one.path) \(one.span), theirs \(other.path) \(other.span)"
        }
        if let (one, other) = zip(our.messageType, their.messageType).first(where: { $0 != $1 }) {
            return "message \(one.name ?? "?"): \(other)"
        }
        return "options \(our.options == their.options), enums \(our.enumType == their.enumType), "
            + "services \(our.service == their.service), extensions \(our.extension == their.extension)"
    }
}
