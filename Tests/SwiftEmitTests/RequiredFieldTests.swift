import ProtoWire
import SwiftEmit
import Testing

private typealias Old = GoldensLegacy.Old
private typealias Featured = GoldensEdition.Featured

/// Required fields are looked for below repeated fields, maps, groups and oneofs, and named by their path.
@Suite struct RequiredFieldTests {
    private static func old(_ change: (inout Old) -> Void) -> Old {
        var old = Old()
        old.id = 1
        change(&old)
        return old
    }

    private static func row(_ whole: Old) -> Old.Row {
        var row = Old.Row()
        row.whole = whole
        return row
    }

    private static let olds: [(Old, path: String?)] = [
        (Old(), "id"),
        (old { _ in }, nil),
        (old { $0.row = [row(old { _ in }), row(Old())] }, "row[1].whole.id"),
        (old { $0.row = [row(old { $0.row = [row(Old())] })] }, "row[0].whole.row[0].whole.id"),
    ]

    private static func featured(_ change: (inout Featured) -> Void) -> Featured {
        var message = Featured()
        message.required = 0
        change(&message)
        return message
    }

    private static let features: [(Featured, path: String?)] = [
        (Featured(), "required"),
        (featured { _ in }, nil),
        (featured { $0.delimited = Featured() }, "delimited.required"),
        (featured { $0.many = [featured { _ in }, Featured()] }, "many[1].required"),
        (featured { $0.byName = ["a": featured { $0.prefixed = Featured() }] }, "by_name[\"a\"].prefixed.required"),
    ]

    @Test func whatIsMissingIsNamed() throws {
        func check(_ message: some Message, _ path: String?) throws {
            #expect(message.missingField() == path && message.isInitialized == (path == nil))
            let bytes = message.encoded()
            var error: DecodeError?
            do throws(DecodeError) {
                _ = try type(of: message).init(decoding: bytes)
            } catch let fault {
                error = fault
            }
            #expect(error == path.map { DecodeError(missing: $0, at: bytes.count) })
            // What may be partial is read all the same.
            let partial = try type(of: message).init(decoding: bytes, options: DecodeOptions(allowsPartial: true))
            #expect(partial.encoded() == bytes)
        }
        for (message, path) in RequiredFieldTests.olds { try check(message, path) }
        for (message, path) in RequiredFieldTests.features { try check(message, path) }
    }

    @Test(.enabled(if: PythonPeer.isThere, "the Python environment is made by `make setup`"))
    func pythonMissesTheSame() throws {
        let peer = try PythonPeer(knowing: [GoldensEdition.editionFile])
        for (message, path) in RequiredFieldTests.olds { #expect(try peer.missing(message).first == path) }
        for (message, path) in RequiredFieldTests.features { #expect(try peer.missing(message).first == path) }
    }

    @Test func anErrorSaysItInWords() {
        let error = DecodeError(missing: "row[1].whole.id", at: 9)
        #expect(error.kind == .missingRequired && error.path == "row[1].whole.id")
        #expect("\(error)" == "the required field 'row[1].whole.id' is missing, at byte 9")
    }

    /// Types that reach no required field have no code for it.
    @Test func onlyTypesThatCanLackOneLook() throws {
        let text = try Contract.emitted(try Contract.all()).first { $0.name.contains("everything") }?.text
        #expect(text?.contains("missingField") == false)
        #expect(GoldensEverythingV1.Everything().isInitialized)
    }
}
