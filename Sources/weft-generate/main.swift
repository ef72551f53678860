import Foundation
import Generate
import ProtoSyntax
import SwiftEmit

// What the build plugin runs: contracts to Swift under names that the plugin has declared. People run `weft generate`, which has
// the same compiler and more to say.
//
//     weft-generate --out FOLDER [--import-path FOLDER]... [--module NAME] [--visibility WORD] [--map PATH=MODULE]...
//                   [--views] [--no-validation] CONTRACT...

func fail(_ message: String, code: Int32) -> Never {
    FileHandle.standardError.write(Data("weft-generate: \(message)\n".utf8))
    exit(code)
}

do {
    let request = try Request(CommandLine.arguments.dropFirst())
    let outcome = Generator(request.plan).run()
    FileHandle.standardError.write(Data(ReportRenderer(style: .lines).render(outcome.report).utf8))
    if !outcome.faults.isEmpty { fail(outcome.faults.joined(separator: "\n"), code: 1) }
    exit(outcome.hasFailed ? 1 : 0)
} catch {
    fail(error.text, code: 2)
}
