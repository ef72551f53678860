import Bytes
import HTTP2

/// Two sessions joined in memory: what one writes the other receives.
final class Pair {
    let client: HTTP2Session
    let server: HTTP2Session
    /// What each side was told, newest last.
    var heardByClient: [String] = []
    var heardByServer: [String] = []
    var clientError: HTTP2ConnectionError?
    var serverError: HTTP2ConnectionError?
    /// Chunks are consumed as soon as they are heard, unless a test wants to hold them.
    var consumesAtClient = true
    var consumesAtServer = true
    /// Runs on each event of the server before it is noted.
    var onServer: (HTTP2Session, HTTP2Event) -> Void = { _, _ in }
    /// Bytes are handed over in pieces of this size.
    var piece = Int.max

    init(
        clientSettings: HTTP2Settings = HTTP2Settings(), clientLimits: HTTP2Limits = HTTP2Limits(),
        serverSettings: HTTP2Settings = HTTP2Settings(), serverLimits: HTTP2Limits = HTTP2Limits()
    ) {
        client = makeSession(.client, settings: clientSettings, limits: clientLimits)
        server = makeSession(.server, settings: serverSettings, limits: serverLimits)
    }

    /// Both prefaces are over, and their events forgotten.
    func settle() -> Pair {
        run()
        heardByClient = []
        heardByServer = []
        return self
    }

    /// Moves bytes both ways until neither side has any.
    func run() {
        while clientToServer() || serverToClient() {}
        takeEvents()
    }

    func takeEvents() {
        while let event = client.nextEvent() {
            heardByClient.append(describe(event))
            if consumesAtClient, case .chunk(let stream, let chunk, _) = event {
                client.consume(chunk.count, on: stream)
            }
        }
        while let event = server.nextEvent() {
            onServer(server, event)
            heardByServer.append(describe(event))
            if consumesAtServer, case .chunk(let stream, let chunk, _) = event {
                server.consume(chunk.count, on: stream)
            }
        }
    }

    func clientToServer() -> Bool {
        let bytes = output(of: client)
        takeEvents()
        feed(bytes, to: server, &serverError)
        takeEvents()
        return !bytes.isEmpty
    }

    func serverToClient() -> Bool {
        let bytes = output(of: server)
        takeEvents()
        feed(bytes, to: client, &clientError)
        takeEvents()
        return !bytes.isEmpty
    }

    private func feed(_ bytes: [UInt8], to session: HTTP2Session, _ error: inout HTTP2ConnectionError?) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(piece))
            rest = rest.dropFirst(part.count)
            let thrown = receive(part, session)
            if error == nil { error = thrown }
            takeEvents()
        }
    }
}

/// Feeds bytes to a session and answers what it threw.
func receive(_ bytes: [UInt8], _ session: HTTP2Session) -> HTTP2ConnectionError? {
    bytes.withUnsafeBytes { bytes in
        do throws(HTTP2ConnectionError) {
            try session.receive(bytes)
            return nil
        } catch {
            return error
        }
    }
}

func output(of session: HTTP2Session, limit: Int = .max) -> [UInt8] {
    var bytes: [UInt8] = []
    while session.takeOutput(limit, { bytes.append(contentsOf: $0) }), limit == .max {}
    return bytes
}

/// One line for an event: long chunks by their length alone.
func describe(_ event: HTTP2Event) -> String {
    switch event {
    case .head(let stream, let fields, let end): "\(stream) head \(describe(fields))\(end ? " end" : "")"
    case .interim(let stream, let fields): "\(stream) interim \(describe(fields))"
    case .chunk(let stream, let chunk, let end):
        "\(stream) chunk \(chunk.count > 16 ? "#\(chunk.count)" : String(decoding: chunk.array, as: UTF8.self))"
            + (end ? " end" : "")
    case .trailers(let stream, let fields): "\(stream) trailers \(describe(fields))"
    case .drained(let stream): "\(stream) drained"
    case .reset(let stream, let code, let byPeer): "\(stream) reset \(code)\(byPeer ? " by peer" : "")"
    case .closed(let stream): "\(stream) closed"
    case .goAway(let last, let code, let debug):
        "goaway \(last) \(code)\(debug.isEmpty ? "" : " " + String(decoding: debug, as: UTF8.self))"
    case .ping(let opaque): "ping \(opaque)"
    case .pingAck(let opaque): "pingack \(opaque)"
    case .settings(let settings): "settings \(settings.maxConcurrentStreams) \(settings.initialWindow)"
    }
}

func describe(_ fields: Fields) -> String {
    fields.map { "\($0.name)=\($0.value)\($0.isSensitive ? "!" : "")" }.joined(separator: " ")
}

let request: Fields = [":method": "POST", ":scheme": "http", ":path": "/a", ":authority": "b"]
let response: Fields = [":status": "200"]
let trailers: Fields = ["grpc-status": "0"]
