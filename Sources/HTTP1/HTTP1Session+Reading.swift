import Bytes

/// How bytes become requests.
extension HTTP1Session {
    /// Reads as far as the input and the stage go.
    func read() {
        do throws(HTTP1Fault) {
            while try step() {}
            flushGathered(end: false)
        } catch {
            // What was good before the fault is heard, however the bytes were cut up.
            flushGathered(end: false)
            refuse(error)
        }
        compact()
    }

    /// One step; false if nothing can be done with what is there.
    private func step() throws(HTTP1Fault) -> Bool {
        switch stage {
        case .requestLine: try readRequestLine()
        case .fields: try readField()
        case .length(let left): readLength(left)
        case .chunkSize: try readChunkSize()
        case .chunkData(let left): readChunkData(left)
        case .chunkEnd: try readChunkEnd()
        case .trailers: try readTrailer()
        case .complete, .over: false
        }
    }

    // MARK: Head

    private func readRequestLine() throws(HTTP1Fault) -> Bool {
        let tooLong = HTTP1Fault(414, "the request line is too long")
        guard let line = try nextLine(limit: limits.maxRequestLine, tooLong) else { return false }
        if line.isEmpty, !didSkipEmptyLine {
            // Some clients send a line end too many after a body (RFC 9112 §2.2).
            didSkipEmptyLine = true
            return true
        }
        try parser.requestLine(line)
        stage = .fields
        return true
    }

    private func readField() throws(HTTP1Fault) -> Bool {
        guard let line = try nextFieldLine() else { return false }
        guard line.isEmpty else {
            try parser.headField(line)
            return true
        }
        let head = try parser.finishHead()
        parser = RequestParser(limits: limits, scheme: scheme)
        fieldBytes = 0
        request = head
        writer = ResponseWriter(to: head)
        owesContinue = head.expectsContinue && inputStart == input.count
        switch head.body {
        case .none: stage = .complete
        case .length(let length): stage = .length(length)
        case .chunked: stage = .chunkSize
        }
        events.append(.request(head.fields, end: head.body == .none))
        return true
    }

    private func nextFieldLine() throws(HTTP1Fault) -> ArraySlice<UInt8>? {
        let tooLarge = HTTP1Fault(431, "the fields are too large")
        guard let line = try nextLine(limit: limits.maxFields - fieldBytes, tooLarge) else { return nil }
        fieldBytes += line.count + 2
        return line
    }

    // MARK: Body

    private func readLength(_ left: Int) -> Bool {
        let part = takeBody(left)
        guard part > 0 else { return false }
        stage = .length(left - part)
        if giveUpDiscarding() { return true }
        if part == left { endRequest(trailers: nil) }
        return true
    }

    /// Reads `chunk-size [ chunk-ext ]` (RFC 9112 §7.1).
    private func readChunkSize() throws(HTTP1Fault) -> Bool {
        let room = 16 + limits.maxChunkExtensions - extensionBytes
        let tooLong = HTTP1Fault(400, "the extensions of chunks are too long")
        guard let line = try nextLine(limit: room, tooLong) else { return false }
        owesContinue = false
        let digits = line.prefix { Grammar.hexValue($0) != nil }
        let rest = line[digits.endIndex...]
        extensionBytes += rest.count
        // 15 digits cannot overflow; more, even of zeros, is nothing that a client needs.
        guard !digits.isEmpty, digits.count <= 15, rest.isEmpty || rest.first == UInt8(ascii: ";"),
            rest.allSatisfy(Grammar.isFieldValue)
        else {
            throw HTTP1Fault(400, "a chunk size is malformed")
        }
        let size = digits.reduce(0) { $0 * 16 + (Grammar.hexValue($1) ?? 0) }
        guard size <= limits.maxBody - bodyBytes else { throw HTTP1Fault(413, "the body is too large") }
        bodyBytes += size
        stage = size == 0 ? .trailers : .chunkData(size)
        return true
    }

    private func readChunkData(_ left: Int) -> Bool {
        let part = takeBody(left)
        guard part > 0 else { return false }
        stage = part == left ? .chunkEnd : .chunkData(left - part)
        _ = giveUpDiscarding()
        return true
    }

    /// Ends the connection if more of a body came than is thrown away for the sake of the next request.
    private func giveUpDiscarding() -> Bool {
        guard isDiscarding, discarded > limits.maxDiscarded else { return false }
        writer?.keepsAlive = false
        finish()
        return true
    }

    private func readChunkEnd() throws(HTTP1Fault) -> Bool {
        guard inputStart < input.count else { return false }
        guard input[inputStart] == 0x0D, inputStart + 1 == input.count || input[inputStart + 1] == 0x0A else {
            throw HTTP1Fault(400, "a chunk does not end where its size says")
        }
        guard inputStart + 1 < input.count else { return false }
        inputStart += 2
        scanned = inputStart
        stage = .chunkSize
        return true
    }

    private func readTrailer() throws(HTTP1Fault) -> Bool {
        guard let line = try nextFieldLine() else { return false }
        guard line.isEmpty else {
            try parser.trailerField(line)
            return true
        }
        let trailers = parser.finishTrailers()
        endRequest(trailers: trailers.isEmpty ? nil : trailers)
        return true
    }

    /// Hands out up to `left` bytes of the body; answers how many.
    private func takeBody(_ left: Int) -> Int {
        let part = min(left, input.count - inputStart)
        guard part > 0 else { return 0 }
        owesContinue = false
        let bytes = input[inputStart..<inputStart + part]
        inputStart += part
        scanned = inputStart
        if isDiscarding {
            discarded += part
            return part
        }
        unconsumed += part
        if gathered.isEmpty, part >= Self.ownChunk {
            events.append(.chunk(bytes.withUnsafeBytes { Chunk(copying: $0) }, end: false))
        } else {
            gathered.append(contentsOf: bytes)
        }
        return part
    }

    /// Pieces of at least this many bytes become chunks of their own; smaller ones, which a client can make as small as one
    /// byte, are put together, so that bytes are never outweighed by what is kept around them.
    private static let ownChunk = 1024

    private func flushGathered(end: Bool) {
        guard !gathered.isEmpty || end, !isDiscarding else { return }
        events.append(.chunk(Chunk(gathered), end: end))
        gathered.removeAll(keepingCapacity: true)
    }

    private func endRequest(trailers: Fields?) {
        stage = .complete
        if isDiscarding { return finish() }
        guard let trailers else { return endLastChunk() }
        flushGathered(end: false)
        events.append(.trailers(trailers))
    }

    /// Marks the end on the chunk that is about to go out, or that just did.
    private func endLastChunk() {
        if gathered.isEmpty, eventsTaken < events.count, case .chunk(let chunk, end: false) = events[events.count - 1] {
            events[events.count - 1] = .chunk(chunk, end: true)
        } else {
            flushGathered(end: true)
        }
    }

    // MARK: Lines

    /// The next line without its CRLF; nil until it is there. CR or LF alone ends no line, and is refused as soon as it is
    /// seen, because others may think that it does.
    private func nextLine(limit: Int, _ tooLong: HTTP1Fault) throws(HTTP1Fault) -> ArraySlice<UInt8>? {
        var index = max(scanned, inputStart)
        while index < input.count, input[index] != 0x0A { index += 1 }
        scanned = index
        guard index - inputStart <= limit + 1 else { throw tooLong }
        guard index < input.count else { return nil }
        let line = input[inputStart..<index]
        guard line.last == 0x0D, !line.dropLast().contains(0x0D) else {
            throw HTTP1Fault(400, "a line does not end in CRLF")
        }
        inputStart = index + 1
        scanned = inputStart
        return line.dropLast()
    }

    /// Forgets input that was read.
    private func compact() {
        if inputStart == input.count {
            input.removeAll(keepingCapacity: input.capacity <= limits.maxPipelined)
        } else if inputStart >= 4096 {
            input.removeFirst(inputStart)
        } else {
            return
        }
        scanned = max(0, scanned - inputStart)
        inputStart = 0
    }
}
