import Foundation
import ProtoBreaking
import ProtoCheck
import Testing

/// What people read: the findings of programs that exchange bytes and JSON, with the payloads that show the breaks.
struct WitnessTests {
    static let file = Mutation.folder.appending(path: "witnesses.txt")
    static let isUpdating = ProcessInfo.processInfo.environment["UPDATE"] == "1"

    static var options: BreakingOptions {
        var options = BreakingOptions()
        options.selection.use = ["WIRE_JSON", "WIRE"]
        return options
    }

    /// `UPDATE=1 swift test` rewrites the file; the diff is what is reviewed.
    @Test("findings and witnesses are the goldens")
    func findingsAreTheGoldens() throws {
        var text = ""
        for mutation in try Mutation.all() where mutation.old == Mutation.base {
            let result = try mutation.result(Self.options)
            text += "#### \(mutation.title)\n"
            text += FindingFormat.text.render(result.findings, kind: "breaking")
            text += FindingFormat.text.render(result.remarks, kind: "remark")
        }
        if Self.isUpdating {
            try Data(text.utf8).write(to: Self.file)
            return
        }
        let golden = try String(contentsOf: Self.file, encoding: .utf8)
        let cases = text.components(separatedBy: "#### ")
        for (now, before) in zip(cases, golden.components(separatedBy: "#### ")) { #expect(now == before) }
        #expect(text.count == golden.count)
    }
}
