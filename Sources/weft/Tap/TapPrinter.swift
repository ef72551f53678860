import Descriptors
import Foundation
import MeshAPI
import ProtoWire
import RPC

/// Writes the events of calls for people, or as JSON, one a line.
///
///     #1 web > course  learn.course.v1.CourseService/GetCourse  3f2a…
///     #1   user-agent: grpc-swift/2
///     #1 > {"id":"c1"}
///     #1 < {"id":"c1","title":"…"}
///     #1 OK after 1.2 ms, by 127.0.0.1:4143
struct TapPrinter {
    private let decoder: TapDecoder
    private let isJSON: Bool
    private let showsMessages: Bool
    /// What compresses the requests of calls that are under way.
    private var encodings: [String: String] = [:]

    init(_ decoder: TapDecoder, isJSON: Bool, showsMessages: Bool) {
        self.decoder = decoder
        self.isJSON = isJSON
        self.showsMessages = showsMessages
    }

    /// The lines for an event of a member. `number` is the call's, over all members.
    mutating func lines(of event: WeftAdminV1.TapResponse, number: Int, member: String) -> [String] {
        let key = "\(member) \(event.call)"
        if case .head(let head) = event.event {
            encodings[key] = head.fields.first { $0.name == "grpc-encoding" }?.value
        }
        let encoding = encodings[key] ?? ""
        if case .end = event.event { encodings[key] = nil }
        return isJSON
            ? [json(of: event, number, member, encoding)] : text(of: event, number, member, encoding)
    }

    // MARK: For people

    private func text(
        of event: WeftAdminV1.TapResponse, _ number: Int, _ member: String, _ encoding: String
    ) -> [String] {
        let mark = "#\(number)"
        switch event.event {
        case .head(let head):
            let caller = event.caller.isEmpty ? "?" : Self.name(of: event.caller)
            let title =
                "\(mark) \(caller) > \(event.callee)  \(event.method)  \(event.direction) at \(member), \(event.requestId)"
            return [title] + (showsMessages ? head.fields.map { "\(mark)   \($0.name): \(Self.clean($0.value))" } : [])
        case .message(let message):
            guard showsMessages else { return [] }
            let arrow = message.isRequest ? ">" : "<"
            switch decoder.text(of: message, method: event.method, encoding: encoding) {
            case .json(let json): return ["\(mark) \(arrow) \(json)"]
            case .unreadable(let why): return ["\(mark) \(arrow) (\(why))"]
            }
        case .end(let end):
            let code = StatusCode(rawValue: Int(end.code))?.name ?? "\(end.code)"
            var line = "\(mark) \(code) after \(Self.time(end.tookUs))"
            if !event.endpoint.isEmpty { line += ", by \(event.endpoint)" }
            if let why = end.why, !why.phase.isEmpty {
                line += ": \(why.phase).\(why.cause)" + (why.subject.isEmpty ? "" : "[\(Self.clean(why.subject))]")
                if !why.detail.isEmpty { line += " - \(Self.clean(why.detail))" }
            } else if !end.message.isEmpty {
                line += ": \(Self.clean(end.message))"
            }
            return [line]
        case .missed(let count):
            return ["… \(count) events were left out: they came faster than they were read"]
        case nil:
            return []
        }
    }

    /// The service's name out of a SPIFFE id.
    private static func name(of caller: String) -> String {
        caller.split(separator: "/").last.map(String.init) ?? caller
    }

    private static func time(_ microseconds: Int64) -> String {
        microseconds < 1000 ? "\(microseconds) us" : String(format: "%.1f ms", Double(microseconds) / 1000)
    }

    /// What peers say must not move the cursor.
    private static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }))
    }

    // MARK: As JSON

    /// The event as the sidecar told it, with its member, and messages as JSON instead of bytes.
    private func json(
        of event: WeftAdminV1.TapResponse, _ number: Int, _ member: String, _ encoding: String
    ) -> String {
        var event = event
        event.call = UInt64(number)
        var more = ["\"member\":\(Self.quoted(member))"]
        if case .message(var message) = event.event {
            switch decoder.text(of: message, method: event.method, encoding: encoding) {
            case .json(let json): more.append("\"decoded\":\(json)")
            case .unreadable(let why): more.append("\"undecoded\":\(Self.quoted(why))")
            }
            // The bytes would show what the contract hides.
            message.content = []
            event.event = .message(message)
        }
        let told = (try? event.jsonString()) ?? "{}"
        return told == "{}" ? "{\(more.joined(separator: ","))}" : "\(told.dropLast()),\(more.joined(separator: ","))}"
    }

    private static func quoted(_ text: String) -> String {
        let data = try? JSONSerialization.data(
            withJSONObject: text, options: [.fragmentsAllowed, .withoutEscapingSlashes])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
