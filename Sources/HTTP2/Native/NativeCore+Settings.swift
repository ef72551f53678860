/// SETTINGS both ways, and what they change (RFC 9113 §6.5).
extension NativeCore {
    /// Queues our preface: SETTINGS, and the connection's window, which no setting sets (RFC 9113 §3.4, §6.9.2).
    mutating func sayHello() {
        if isClient {
            for byte in Self.preface { control.append(byte) }
        }
        typealias Identifier = SettingsFrame.Identifier
        var entries: [(identifier: UInt16, value: UInt32)] = [
            (Identifier.initialWindow, UInt32(clamping: min(settings.initialWindow, Int(Int32.max)))),
            (Identifier.maxFrameSize, UInt32(clamping: ownMaxFrameSize)),
            (Identifier.headerTableSize, UInt32(clamping: settings.headerTableSize)),
            (Identifier.maxHeaderListSize, UInt32(clamping: settings.maxHeaderListSize)),
        ]
        if isClient {
            entries.append((Identifier.enablePush, 0))
        } else {
            entries.append((Identifier.maxConcurrentStreams, UInt32(clamping: settings.maxConcurrentStreams)))
        }
        SettingsFrame.write(entries, to: &control)
        settingsUnderWay += 1
        if let increment = receiveWindow.open() {
            WindowUpdateFrame.write(0, increment: increment, to: &control)
        }
    }

    /// "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" (RFC 9113 §3.4).
    static var preface: StaticStringBytes { StaticStringBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") }

    /// The largest frame that the peer may send; more than it knows yet does no harm.
    var ownMaxFrameSize: Int {
        min(max(settings.maxFrameSize, PeerSettings.leastFrameSize), PeerSettings.mostFrameSize)
    }

    mutating func heardSettings(_ frame: SettingsFrame) throws(Violation) {
        guard !frame.isAcknowledgement else { return try heardAcknowledgement() }
        guard frame.count <= limits.maxSettings else {
            throw .connection(ErrorCode.enhanceYourCalm, "too many entries in one SETTINGS")
        }
        if !peer.isKnown {
            peer.isKnown = true
            peer.maxConcurrentStreams = Int(UInt32.max)
        }
        let windowBefore = peer.initialWindow
        for index in 0..<frame.count {
            let (identifier, value) = frame[index]
            try take(identifier, value)
        }
        try changeWindows(by: Int64(peer.initialWindow) - Int64(windowBefore))
        try floods.countAcknowledgement(limits)
        SettingsFrame.writeAcknowledgement(to: &control)
        try emit(.settings(peer.snapshot))
    }

    private mutating func take(_ identifier: UInt16, _ value: UInt32) throws(Violation) {
        switch identifier {
        case SettingsFrame.Identifier.headerTableSize:
            encoder.setPeerTableSize(Int(value))
        case SettingsFrame.Identifier.enablePush:
            // A server that allows pushes to itself is wrong too (RFC 9113 §6.5.2).
            guard value == 0 || value == 1 && !isClient else {
                throw .connection(ErrorCode.protocolError, "a value of ENABLE_PUSH that may not be")
            }
        case SettingsFrame.Identifier.maxConcurrentStreams:
            peer.maxConcurrentStreams = Int(value)
        case SettingsFrame.Identifier.initialWindow:
            guard let window = Int32(exactly: value) else {
                throw .connection(ErrorCode.flowControlError, "an initial window that is too large")
            }
            peer.initialWindow = window
        case SettingsFrame.Identifier.maxFrameSize:
            guard (PeerSettings.leastFrameSize...PeerSettings.mostFrameSize).contains(Int(value)) else {
                throw .connection(ErrorCode.protocolError, "a largest frame that may not be")
            }
            peer.maxFrameSize = Int(value)
        case SettingsFrame.Identifier.maxHeaderListSize:
            peer.maxHeaderListSize = value == UInt32.max ? nil : Int(value)
        case SettingsFrame.Identifier.enableConnectProtocol, SettingsFrame.Identifier.noPriorities:
            guard value <= 1 else {
                throw .connection(ErrorCode.protocolError, "a setting that is neither 0 nor 1")
            }
        default:
            break
        }
    }

    /// The peer's initial window changed, and with it that of every stream (RFC 9113 §6.9.2).
    private mutating func changeWindows(by difference: Int64) throws(Violation) {
        guard difference != 0 else { return }
        var isFine = true
        streams.forEach { stream in
            isFine = stream.pointee.sendWindow.change(by: difference) && isFine
        }
        guard isFine else {
            throw .connection(ErrorCode.flowControlError, "an initial window that overflows a stream's")
        }
        guard difference > 0 else { return }
        for stream in waitingStreams() { wake(stream) }
    }

    /// Streams that are in no list, by id: the order in which their windows held them back is not known any more.
    private func waitingStreams() -> [NativeStream.Pointer] {
        var waiting: [NativeStream.Pointer] = []
        streams.forEach { stream in
            if stream.pointee.place == .nowhere, stream.pointee.isSendable { waiting.append(stream) }
        }
        return waiting.sorted { $0.pointee.id < $1.pointee.id }
    }

    /// The peer acknowledged our SETTINGS: from here on it must obey them (RFC 9113 §6.5.3).
    private mutating func heardAcknowledgement() throws(Violation) {
        guard settingsUnderWay > 0 else {
            throw .connection(ErrorCode.protocolError, "an acknowledgement of SETTINGS that were not sent")
        }
        settingsUnderWay -= 1
        decoder.setTableLimit(settings.headerTableSize)
        let window = Int32(clamping: settings.initialWindow)
        let difference = window - streamWindow
        streamWindow = window
        guard difference != 0 else { return }
        streams.forEach { $0.pointee.receiveWindow.resize(by: difference) }
    }
}

/// The octets of a literal, without a table that is made when it is first asked for.
struct StaticStringBytes: Sequence {
    private let text: StaticString

    init(_ text: StaticString) {
        self.text = text
    }

    var count: Int { text.utf8CodeUnitCount }

    subscript(index: Int) -> UInt8 { text.utf8Start[index] }

    func makeIterator() -> UnsafeBufferPointer<UInt8>.Iterator {
        UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount).makeIterator()
    }
}
