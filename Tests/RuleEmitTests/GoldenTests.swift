import Foundation
import SwiftEmit
import Testing

/// The goldens are compiled with this target, so what they say is also known to be Swift.
@Suite struct GoldenTests {
    /// `UPDATE=1 swift test` rewrites the goldens; the diff is what is reviewed.
    @Test func theEmitterSaysWhatTheGoldensSay() throws {
        let folder = Contract.folder.appending(path: "Goldens")
        let sources = try Contract.emitted(try Contract.compile(Contract.names))
        if ProcessInfo.processInfo.environment["UPDATE"] == "1" {
            for source in sources {
                try Data(source.text.utf8).write(to: folder.appending(path: source.name))
            }
        }
        let goldens = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(goldens == sources.map(\.name).sorted())
        for source in sources {
            let golden = try String(contentsOf: folder.appending(path: source.name), encoding: .utf8)
            #expect(source.text == golden, "\(source.name) differs from its golden")
        }
    }

    @Test func theOrderOfFilesChangesNothing() throws {
        let files = try Contract.compile(Contract.names)
        #expect(try Contract.emitted(files) == Contract.emitted(files.reversed()))
    }
}
