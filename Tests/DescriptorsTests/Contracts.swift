import Foundation
import ProtoWire
import Testing

@testable import Descriptors

/// The contracts of Tests/Support, linked. They are kept compiled, so that only the differential tests need Python.
enum Contracts {
    static let pool: DescriptorPool = {
        let file = Oracle.tests.appending(path: "Support/contracts.txt")
        guard let text = try? String(contentsOf: file, encoding: .utf8),
            let bytes = Base64.decode(text.filter { !$0.isNewline }),
            let set = try? FileDescriptorSet(decoding: bytes), let pool = try? DescriptorPool(set)
        else { preconditionFailure("Tests/Support/contracts.txt is made by `oracle.py contracts`") }
        return pool
    }()

    static func table(_ name: String) throws -> MessageTable {
        try #require(pool.message("test.v1.\(name)"))
    }
}
