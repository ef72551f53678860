/// The Huffman code of RFC 7541 Appendix B.
///
/// The code is canonical: codes of one length follow each other in the order of their symbols, and begin where the next
/// shorter ones ended. So its lengths say all of it, and the tables below are computed from them once.
struct HuffmanCode: Sendable {
    static let standard = HuffmanCode()

    /// For each byte its code, in the low bits.
    private let codes: ImmortalTable<UInt32>
    private let lengths: ImmortalTable<UInt8>
    /// For the next ten bits: the symbol in the high byte, the length of its code in the low one; 0 if that is longer.
    private let short: ImmortalTable<UInt16>
    private let long: ImmortalTable<LongCodes>
    /// The symbols in the order of their codes.
    private let symbols: ImmortalTable<UInt16>

    /// All codes of one length above ten bits.
    private struct LongCodes: Sendable {
        let length: Int
        /// The first code of this length, and the first number behind them, both as the high bits of a word.
        let start: UInt32
        let end: UInt32
        /// Where its symbol stands in `symbols`.
        let first: Int
    }

    private static let shortBits = 10
    private static let endOfString: UInt16 = 256
    private static let shortestCode = 5
    private static let longestCode = 30

    private init() {
        let lengths = huffmanCodeLengths
        let symbols = (0..<lengths.count).sorted { (lengths[$0], $0) < (lengths[$1], $1) }.map { UInt16($0) }
        var codes = [UInt32](repeating: 0, count: lengths.count)
        var short = [UInt16](repeating: 0, count: 1 << Self.shortBits)
        var long: [LongCodes] = []
        // The next code, in the high bits of a word: a step is one in the last bit of the code.
        var next: UInt64 = 0
        for (place, symbol) in symbols.enumerated() {
            let length = Int(lengths[Int(symbol)])
            let start = UInt32(next)
            codes[Int(symbol)] = start >> UInt32(32 - length)
            next += 1 << UInt64(32 - length)
            if length <= Self.shortBits {
                for bits in Int(start >> 22)..<Int(next >> 22) { short[bits] = symbol << 8 | UInt16(length) }
            } else if let last = long.last, last.length == length {
                long[long.count - 1] = LongCodes(
                    length: length, start: last.start, end: UInt32(min(next, UInt64(UInt32.max))), first: last.first)
            } else {
                long.append(
                    LongCodes(length: length, start: start, end: UInt32(min(next, UInt64(UInt32.max))), first: place))
            }
        }
        self.codes = ImmortalTable(codes)
        self.lengths = ImmortalTable(lengths)
        self.short = ImmortalTable(short)
        self.long = ImmortalTable(long)
        self.symbols = ImmortalTable(symbols)
    }

    // MARK: Writing

    /// How many bytes the code takes for `bytes`.
    func encodedLength(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var bits = 0
        for byte in bytes { bits += Int(lengths[Int(byte)]) }
        return (bits + 7) / 8
    }

    /// Hands the code of `bytes`, padded by ones, to `write`, four bytes or less at a time.
    @inline(__always)
    func encode(_ bytes: UnsafeBufferPointer<UInt8>, _ write: (UInt8) -> Void) {
        var held: UInt64 = 0
        var count = 0
        for byte in bytes {
            let length = Int(lengths[Int(byte)])
            held = held << UInt64(length) | UInt64(codes[Int(byte)])
            count += length
            while count >= 8 {
                count -= 8
                write(UInt8(truncatingIfNeeded: held >> UInt64(count)))
            }
        }
        if count > 0 { write(UInt8(truncatingIfNeeded: held << UInt64(8 - count) | (0xff >> UInt64(count)))) }
    }

    // MARK: Reading

    /// The most bytes that a string of `count` coded bytes can hold.
    static func maxDecodedLength(_ count: Int) -> Int { count * 8 / shortestCode }

    /// Decodes `input` and answers how many bytes it held. `output` must have room for `maxDecodedLength`.
    func decode(_ input: Span<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>) throws(HPACKError) -> Int {
        // A symbol takes five bits at least, and bits are taken away as they are used: no more are written than fit.
        precondition(output.count >= Self.maxDecodedLength(input.count), "a decoded string needs room")
        var written = 0
        var position = 0
        // The next bits, from the highest down, and how many of them there are.
        var window: UInt64 = 0
        var held = 0
        while true {
            while held <= 56, position < input.count {
                window |= UInt64(input[position]) << UInt64(truncatingIfNeeded: 56 - held)
                held += 8
                position += 1
            }
            // The longest code has 30 bits: with so many nobody needs to ask whether the string ends.
            guard held >= Self.longestCode else { break }
            while held >= Self.longestCode {
                let (symbol, length) = next(window)
                guard symbol != Self.endOfString else { throw .badHuffmanString }
                output[written] = UInt8(truncatingIfNeeded: symbol)
                written += 1
                window <<= UInt64(truncatingIfNeeded: length)
                held -= length
            }
        }
        return try decodeEnd(window, held, into: output, written)
    }

    /// The last bits: whole symbols, and at most seven ones (RFC 7541 §5.2).
    private func decodeEnd(
        _ last: UInt64, _ count: Int, into output: UnsafeMutableBufferPointer<UInt8>, _ start: Int
    ) throws(HPACKError) -> Int {
        // As if the padding went on.
        var window = last | UInt64.max >> UInt64(count)
        var held = count
        var written = start
        while true {
            let (symbol, length) = next(window)
            if length > held {
                guard held < 8, window >> UInt64(64 - held) == 0xff >> UInt64(8 - held) else { throw .badHuffmanString }
                return written
            }
            guard symbol != Self.endOfString else { throw .badHuffmanString }
            output[written] = UInt8(truncatingIfNeeded: symbol)
            written += 1
            window = window << UInt64(length) | ((1 << UInt64(length)) - 1)
            held -= length
        }
    }

    @inline(__always)
    private func next(_ window: UInt64) -> (UInt16, Int) {
        let found = short[Int(truncatingIfNeeded: window >> 54)]
        return found != 0 ? (found >> 8, Int(found & 0xff)) : readLong(UInt32(truncatingIfNeeded: window >> 32))
    }

    /// The symbol whose code, of more than ten bits, `word` begins with. Bounded: there are 14 such lengths.
    private func readLong(_ word: UInt32) -> (UInt16, Int) {
        for place in 0..<long.count {
            let codes = long[place]
            guard word < codes.end else { continue }
            return (symbols[codes.first + Int((word - codes.start) >> UInt32(32 - codes.length))], codes.length)
        }
        return (Self.endOfString, 30)
    }
}

/// How many bits the code of each byte has, and that of EOS.
private let huffmanCodeLengths: [UInt8] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28,
    28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6,
    12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15,
    5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20,
    22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22,
    23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
    21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26,
    27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
]
