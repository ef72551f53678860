import Foundation

/// The rows of Tests/Hostile/conformance.txt, whose head describes the language.
struct ConformanceRow: Sendable {
    enum Step: Sendable, Equatable {
        case bare
        case bytes([UInt8])
        case wait([String])
    }

    let id: String
    let rule: String
    var steps: [Step] = []
    /// What must come of it: one of these, and of each all parts.
    var outcomes: [[[String]]] = []
    /// The same for one engine that differs, and why it may.
    var exceptions: [String: [[[String]]]] = [:]

    static let all: [ConformanceRow] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Hostile/conformance.txt")
        do {
            return try parse(String(contentsOf: file, encoding: .utf8))
        } catch {
            preconditionFailure("\(file.path): \(error)")
        }
    }()

    static func parse(_ text: String) throws -> [ConformanceRow] {
        var rows: [ConformanceRow] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            if !line.hasPrefix(" ") {
                let parts = line.split(separator: " ", maxSplits: 1)
                rows.append(
                    ConformanceRow(
                        id: String(parts[0]), rule: parts[1].trimmingCharacters(in: .whitespaces)))
                continue
            }
            guard !rows.isEmpty else { throw TableFault(line: number + 1, "a step without a row") }
            do {
                try rows[rows.count - 1].add(line.trimmingCharacters(in: .whitespaces))
            } catch let fault as TableFault {
                throw TableFault(line: number + 1, fault.text)
            }
        }
        return rows
    }

    private mutating func add(_ line: String) throws {
        if let arrow = line.range(of: "=> ") {
            let engine = line[..<arrow.lowerBound].trimmingCharacters(in: .whitespaces)
            var said = String(line[arrow.upperBound...])
            if !engine.isEmpty {
                guard let colon = said.range(of: " : ") else { throw TableFault("an exception without its reason") }
                said = String(said[..<colon.lowerBound])
            }
            let outcomes = said.components(separatedBy: " | ").map { choice in
                choice.components(separatedBy: " & ").map { $0.split(separator: " ").map(String.init) }
            }
            if engine.isEmpty { self.outcomes = outcomes } else { exceptions[engine] = outcomes }
            return
        }
        let words = try TableWords.split(line)
        switch words[0] {
        case "bare": steps.append(.bare)
        case "preface": steps.append(.bytes(preface))
        case "raw": steps.append(.bytes(try words.dropFirst().flatMap { try TableWords.item($0) }))
        case "wait": steps.append(.wait(Array(words.dropFirst())))
        default: steps.append(.bytes(try TableWords.frames(words)))
        }
    }
}

struct TableFault: Error, CustomStringConvertible {
    var line = 0
    let text: String
    var description: String { "line \(line): \(text)" }

    init(line: Int = 0, _ text: String) {
        self.line = line
        self.text = text
    }
}

/// The words of a step, and the octets that they stand for.
enum TableWords {
    static let types: [String: UInt8] = [
        "data": 0, "headers": 1, "priority": 2, "rst": 3, "settings": 4, "push": 5, "ping": 6, "goaway": 7, "window": 8,
        "continuation": 9,
    ]
    private static let flags: [String: UInt8] = ["end": 1, "ack": 1, "eh": 4, "padded": 8, "prio": 32]

    /// A request that gRPC's test service answers with an empty message.
    static let head = [
        (":method", "POST"), (":scheme", "http"), (":path", "/grpc.testing.TestService/EmptyCall"),
        (":authority", "localhost"), ("te", "trailers"), ("content-type", "application/grpc"),
    ]

    /// Words end at a space that no quotes enclose.
    static func split(_ line: String) throws -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        for character in line {
            if let open = quote {
                word.append(character)
                if character == open { quote = nil }
            } else if character == " " {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                if character == "\"" || character == "'" { quote = character }
                word.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        guard quote == nil, !words.isEmpty else { throw TableFault("an open quote, or no words") }
        return words
    }

    /// `[xN] TYPE STREAM [FLAG...] ITEM...`
    static func frames(_ words: [String]) throws -> [UInt8] {
        var words = words[...]
        var times: UInt32 = 1
        if let first = words.first, first.hasPrefix("x"), let count = UInt32(first.dropFirst()) {
            times = count
            words = words.dropFirst()
        }
        guard words.count >= 2 else { throw TableFault("a frame has a type and a stream") }
        let kind = words.removeFirst()
        var place = words.removeFirst()
        guard let type = try types[kind] ?? UInt8(exactly: number(kind)) else { throw TableFault("no type: \(kind)") }
        var step: UInt32 = 0
        if place.hasSuffix("+") {
            place.removeLast()
            step = 2
        }
        var bits: UInt8 = 0
        while let word = words.first {
            if let bit = flags[word] {
                bits |= bit
            } else if word.hasPrefix("flags=") {
                bits = try UInt8(number(String(word.dropFirst(6))))
            } else {
                break
            }
            words = words.dropFirst()
        }
        let payload = try words.flatMap { try item($0) }
        let stream = try number(place)
        return (0..<times).flatMap { Frame(type, bits, on: stream + $0 * step, payload).bytes }
    }

    static func item(_ word: String) throws -> [UInt8] {
        if word.hasPrefix("0x") { return try hexadecimal(word.dropFirst(2)) }
        if word.hasPrefix("\"") {
            let text = word.dropFirst().dropLast()
            return Array(
                text.replacingOccurrences(of: "\\r", with: "\r").replacingOccurrences(of: "\\n", with: "\n").utf8)
        }
        if word.hasPrefix("'") { return hpack([try field(word.dropFirst().dropLast())]) }
        if word.hasPrefix("head") { return try head(word.dropFirst(4)) }
        if word == "message" { return [0, 0, 0, 0, 0] }
        if word.hasPrefix("zeros*") { return [UInt8](repeating: 0, count: Int(try number(String(word.dropFirst(6))))) }
        guard let equals = word.firstIndex(of: "=") else { throw TableFault("no item: \(word)") }
        let value = try number(String(word[word.index(after: equals)...]))
        switch word[..<equals] {
        case "u8": return [UInt8(value)]
        case "u16": return Array(big(value).suffix(2))
        case "u31", "u32": return big(value)
        default: throw TableFault("no item: \(word)")
        }
    }

    /// `head`, `head-NAME`, `head[A:B]`.
    private static func head(_ rest: Substring) throws -> [UInt8] {
        if rest.hasPrefix("-") { return hpack(head.filter { $0.0 != rest.dropFirst() }) }
        let whole = hpack(head)
        guard rest.hasPrefix("[") else { return whole }
        let bounds = rest.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
        return Array(whole[(Int(bounds[0]) ?? 0)..<(Int(bounds[1]) ?? whole.count)])
    }

    private static func field(_ text: Substring) throws -> (String, String) {
        guard let colon = text.range(of: ": ") else { throw TableFault("no field: \(text)") }
        return (String(text[..<colon.lowerBound]), String(text[colon.upperBound...]))
    }

    private static func hexadecimal(_ text: Substring) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16), rest.count >= 2 else {
                throw TableFault("no octets: \(text)")
            }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    private static func number(_ text: String) throws -> UInt32 {
        let value = text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
        guard let value else { throw TableFault("no number: \(text)") }
        return value
    }
}
