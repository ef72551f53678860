import Foundation
import Testing

/// Every contract that can be had: the result says the same, and saying it again changes nothing.
@Suite struct CorpusTests {
    @Test func formattingTwiceIsFormattingOnce() throws {
        for file in Files.all {
            guard let once = Files.formatted(try Files.text(file)).text else { continue }
            #expect(Files.formatted(once).text == once, "\(file.path)")
        }
    }

    @Test func descriptorsAndCommentsAreThoseOfTheSource() throws {
        var (compared, compiled) = (0, 0)
        for file in Files.all {
            let source = try Files.text(file)
            guard let made = Files.formatted(source).text else { continue }
            let (before, after) = (Meaning(of: source, as: file), Meaning(of: made, as: file))
            if before.descriptor != nil { compiled += 1 }
            compared += 1
            guard !CorpusTests.shared.contains(where: { file.path.hasSuffix($0) }) else { continue }
            #expect(before == after, "\(file.path): \(before.difference(to: after))")
        }
        print("of \(Files.all.count) contracts: the same comments in \(compared), the same descriptor in \(compiled)")
        #expect(compared >= Files.own.count && compiled * 100 >= compared * 90)
    }

    /// What these try is a comment on one line with two statements: protoc gives it to neither, and the layout, which parts
    /// the two, to the earlier.
    private static let shared = ["comments", "attachment", "bom"].map { "ProtoResolveTests/Contracts/\($0).proto" }

    /// Contracts in which we differ from buf by more than blank lines, on purpose.
    private static let differing = [
        "opts",  // of two comments between two statements each has one
        "attachment",  // a line comment behind the last option, where it ends the line, stays one
        "crlf",  // the ends of all lines are those of Unix, behind comments too
        "stream",  // `stream.x` is a name behind the word `stream` as it is elsewhere
    ].map { "ProtoResolveTests/Contracts/\($0).proto" }

    /// Elsewhere, where we differ from buf, there is a blank line more and nothing else: `Contracts/layout.txt` says why.
    @Test(.enabled(if: Files.hasBuf, "no buf beside WEFT_PYTHON"))
    func theTextIsThatOfBuf() throws {
        var (equal, compared) = (0, 0)
        for file in Files.all {
            let source = try Files.text(file)
            guard let ours = Files.formatted(source).text, let theirs = try? Buf.formatted(source) else { continue }
            compared += 1
            if ours == theirs { equal += 1 }
            guard !CorpusTests.differing.contains(where: { file.path.hasSuffix($0) }) else { continue }
            let lines = [ours, theirs].map { $0.split(separator: "\n", omittingEmptySubsequences: true) }
            #expect(lines[0] == lines[1], "\(file.path)")
        }
        print("buf format: equal \(equal) of \(compared)")
        #expect(compared > Files.own.count && equal * 100 >= compared * 95)
    }
}
