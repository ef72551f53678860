import ArgumentParser
import Descriptors
import Foundation

/// `weft decode`: a message's bytes as JSON or text.
struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "Show a message's bytes as JSON or text.",
        discussion: "Exit codes: 0 done, 1 the bytes are not that message, 2 a wrong request.")

    @Argument(help: "The file with the bytes; standard input if unsaid.")
    var file: String?

    @OptionGroup var schema: MessageSchema

    @Option(help: "json or text.")
    var format = TextForm.json

    @Flag(help: "Without a contract: fields by their numbers, in text form.")
    var raw = false

    func run() throws {
        guard !raw || schema.type == nil else { throw Fault.usage("--raw and --type do not go together") }
        let (table, pool) = try raw ? MessageSchema.empty() : schema.find()
        let bytes = try WholeInput.read(file)
        var output = StandardStream(handle: .standardOutput)
        do {
            if raw || format == .text {
                var options = TextFormat.PrintOptions()
                options.printsUnknown = true
                output.write(try TextFormat(pool: pool).binaryToText(table, bytes, options))
            } else {
                var options = JSONTranscoder.PrintOptions()
                options.indentation = 2
                output.write(try JSONTranscoder(pool: pool).binaryToJSON(table, bytes, options) + "\n")
            }
        } catch {
            throw Fault.failed("these \(bytes.count) bytes are no \(raw ? "message" : table.fullName): \(error)")
        }
    }
}

/// `weft encode`: JSON or text to a message's bytes.
struct EncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode", abstract: "Write a message's bytes from its JSON or text.",
        discussion: "Exit codes: 0 done, 1 the text does not say that message, 2 a wrong request.")

    @Argument(help: "The file with the text; standard input if unsaid.")
    var file: String?

    @OptionGroup var schema: MessageSchema

    @Option(help: "json or text.")
    var format = TextForm.json

    func run() throws {
        let (table, pool) = try schema.find()
        let input = try WholeInput.read(file)
        let bytes: [UInt8]
        do {
            bytes = try input.withUnsafeBytes { raw in
                switch format {
                case .json: try JSONTranscoder(pool: pool).jsonToBinary(table, raw)
                case .text: try TextFormat(pool: pool).textToBinary(table, raw)
                }
            }
        } catch {
            throw Fault.failed("this does not say a \(table.fullName): \(error)")
        }
        FileHandle.standardOutput.write(Data(bytes))
    }
}
