import Descriptors
import Foundation
import ProtoWire

/// Answers `differential.py`: a line `TYPE FORMAT-IN FORMAT-OUT BASE64` in, the base64 of the answer or `!` and a reason out.
///
/// Formats are `b` for binary, `j` for JSON, `t` for text; in capitals they go by tables alone. `registry` is made by the
/// script, for the types that it made.
@main
enum Peer {
    static func main() throws {
        while let line = readLine() {
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard words.count == 4, let input = Base64.decode(words[3]), let type = registry[words[0]] else {
                say("!the line is not TYPE FORMAT FORMAT BASE64, or the type is unknown")
                continue
            }
            do {
                say(Base64.encode(try answer(type, words[1], words[2], input)))
            } catch {
                say("!" + "\(error)".replacing("\n", with: " "))
            }
        }
    }

    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private static func answer<Value: Message>(
        _: Value.Type, _ from: String, _ to: String, _ input: [UInt8]
    ) throws -> [UInt8] {
        if from == from.uppercased() { return try byTable(Value.self, from, to, input) }
        let value: Value =
            switch from {
            case "b": try Value(decoding: input)
            case "j": try Value(json: String(decoding: input, as: UTF8.self))
            default: try Value(text: String(decoding: input, as: UTF8.self))
            }
        switch to {
        case "b": return value.encoded()
        case "d": return value.encoded(deterministic: true)
        case "j": return Array(try value.jsonString().utf8)
        default: return Array(try value.textString().utf8)
        }
    }

    /// The same by tables alone.
    private static func byTable<Value: Message>(
        _: Value.Type, _ from: String, _ to: String, _ input: [UInt8]
    ) throws -> [UInt8] {
        let table = Value.table
        let value: DynamicMessage =
            switch from {
            case "B": try DynamicMessage(table, decoding: input)
            case "J": try DynamicMessage(table, json: String(decoding: input, as: UTF8.self))
            default: try DynamicMessage(table, text: String(decoding: input, as: UTF8.self))
            }
        switch to {
        case "J": return Array(try value.jsonString().utf8)
        case "T": return Array(try value.textString().utf8)
        default: return value.bytes
        }
    }
}
