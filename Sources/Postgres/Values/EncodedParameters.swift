import Timebase

/// Parameters in the form in which libpq wants them: pointers into one block of bytes.
struct EncodedParameters {
    /// One statement's parameters together. The server itself stops at 1 GiB; nothing here should come near this.
    static let largestStatement = 64 * 1024 * 1024
    /// The protocol counts parameters in 16 bits.
    static let mostParameters = 65_535

    private var bytes: [UInt8] = []
    /// Where each value starts in `bytes`; nil is NULL.
    private var starts: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// Refuses a NUL byte in a text: libpq would silently cut the value there.
    init(_ parameters: [Parameter]) throws(PostgresFailure) {
        guard parameters.count <= EncodedParameters.mostParameters else {
            throw PostgresFailure(
                .invalidParameter, "\(parameters.count) parameters are more than the protocol can count")
        }
        starts.reserveCapacity(parameters.count)
        for (index, parameter) in parameters.enumerated() {
            try append(parameter, place: index + 1)
            guard bytes.count <= EncodedParameters.largestStatement else {
                throw PostgresFailure(
                    .invalidParameter,
                    "the parameters up to $\(index + 1) are larger than \(EncodedParameters.largestStatement) bytes")
            }
        }
    }

    var count: Int32 { Int32(starts.count) }

    /// Lends values, lengths and formats, in the order of PQsendQueryPrepared.
    func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { raw in
            let base = raw.bindMemory(to: CChar.self).baseAddress
            let values: [UnsafePointer<CChar>?] = starts.map { start in
                guard let start, let base else { return nil }
                return base + start
            }
            return values.withUnsafeBufferPointer { values in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(values.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }

    private mutating func append(_ parameter: Parameter, place: Int) throws(PostgresFailure) {
        switch parameter {
        case .null: appendNull()
        case .text(let text), .json(let text): try append(text, place)
        case .integer(let value): try append(String(value), place)
        case .double(let value): try append(EncodedParameters.text(of: value), place)
        case .bool(let value): try append(value ? "t" : "f", place)
        case .uuid(let id): append(binary: id.bytes)
        case .time(let time): append(binary: try Timestamps.bytes(of: time, place: place))
        case .bytes(let bytes): append(binary: bytes)
        case .texts(let texts): try append(EncodedParameters.literal(texts), place)
        case .integers(let values):
            try append("{\(values.map { $0.map(String.init) ?? "NULL" }.joined(separator: ","))}", place)
        }
    }

    private mutating func appendNull() {
        starts.append(nil)
        lengths.append(0)
        formats.append(0)
    }

    private mutating func append(_ text: String, _ place: Int) throws(PostgresFailure) {
        guard !text.utf8.contains(0) else {
            throw PostgresFailure(
                .invalidParameter, "the text for $\(place) has a NUL byte in it, which Postgres cannot store")
        }
        starts.append(bytes.count)
        lengths.append(Int32(truncatingIfNeeded: text.utf8.count))
        formats.append(0)
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)  // a text value ends there, whatever `lengths` says
    }

    private mutating func append(binary value: [UInt8]) {
        starts.append(bytes.count)
        lengths.append(Int32(truncatingIfNeeded: value.count))
        formats.append(1)
        bytes.append(contentsOf: value)
        bytes.append(0)  // so that even an empty value has an address
    }

    private static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return value.description
    }

    /// The text form of an array: every element quoted (PostgreSQL 15, 8.15.6).
    private static func literal(_ texts: [String?]) -> String {
        var literal = "{"
        for (index, text) in texts.enumerated() {
            if index > 0 { literal.append(",") }
            guard let text else {
                literal.append("NULL")
                continue
            }
            literal.append("\"")
            // Scalars, not characters: a combining mark after a quote would hide it in one character.
            for scalar in text.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { literal.unicodeScalars.append("\\") }
                literal.unicodeScalars.append(scalar)
            }
            literal.append("\"")
        }
        literal.append("}")
        return literal
    }
}
