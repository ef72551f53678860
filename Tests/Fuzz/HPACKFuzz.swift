import Bytes
import CNghttp2
import HTTP2

/// Header blocks, one behind the other: ours reads what nghttp2's decoder reads, and what was read survives our encoder.
///
/// The first octet chooses the table's size; then each block has its length in front.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHPACK(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data, count > 1 else { return 0 }
    var input = FuzzInput(data, count)
    let limit = [4096, 0, 100, 65_536][Int(input.octet() & 3)]
    var decoder = HPACKDecoder(tableLimit: limit, listLimit: 1 << 20)
    let oracle = Inflater(limit)
    var encoder = HPACKEncoder()
    var reader = HPACKDecoder(listLimit: 1 << 20)
    while !input.isEmpty {
        let length = input.octet()
        let block = length == 255 ? input.rest() : input.take(Int(length))
        var fields = Fields()
        let extent = block.withUnsafeBytes { try? decoder.decode($0, into: &fields) }
        let wanted = oracle.decode(block)
        guard let extent else {
            precondition(wanted == nil, "nghttp2 reads a block that ours does not")
            return 0
        }
        guard let wanted else { preconditionFailure("ours reads a block that nghttp2 does not") }
        precondition(decoder.tableSize <= max(limit, 4096), "the table keeps its size")
        guard extent == .whole else { continue }
        precondition(lines(fields) == wanted, "ours reads something else than nghttp2")
        var written: [UInt8] = []
        encoder.encode(fields, into: &written)
        var again = Fields()
        let read = written.withUnsafeBytes { try? reader.decode($0, into: &again) }
        // The encoder may make a field sensitive, such as a credential, and never the other way.
        let survives = zip(lines(again), wanted).allSatisfy { now, then in
            now.name == then.name && now.value == then.value && (now.isSensitive || !then.isSensitive)
        }
        precondition(read == .whole && again.count == wanted.count && survives, "what was read survives our encoder")
    }
    return 0
}

private struct Line: Equatable {
    var name: [UInt8]
    var value: [UInt8]
    var isSensitive: Bool
}

private func lines(_ fields: Fields) -> [Line] {
    (0..<fields.count).map { index in
        let place = fields.place(of: index)
        return fields.withAllBytes { bytes in
            let value = place.start + place.nameLength
            return Line(
                name: Array(bytes[place.start..<value]), value: Array(bytes[value..<value + place.valueLength]),
                isSensitive: fields[index].isSensitive)
        }
    }
}

/// nghttp2's decoder.
private final class Inflater {
    private var inflater: OpaquePointer?

    init(_ limit: Int) {
        precondition(nghttp2_hd_inflate_new(&inflater) == 0)
        if limit != 4096 { precondition(nghttp2_hd_inflate_change_table_size(inflater, limit) == 0) }
    }

    deinit { nghttp2_hd_inflate_del(inflater) }

    func decode(_ block: [UInt8]) -> [Line]? {
        var lines: [Line] = []
        return block.withUnsafeBufferPointer { bytes in
            var rest = bytes[...]
            while true {
                var pair = nghttp2_nv()
                var flags: Int32 = 0
                let read = nghttp2_hd_inflate_hd2(
                    inflater, &pair, &flags, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count, 1)
                guard read >= 0 else { return nil }
                rest = rest.dropFirst(read)
                let isLine = flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0
                if isLine {
                    lines.append(
                        Line(
                            name: Array(UnsafeBufferPointer(start: pair.name, count: pair.namelen)),
                            value: Array(UnsafeBufferPointer(start: pair.value, count: pair.valuelen)),
                            isSensitive: pair.flags & UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) != 0))
                }
                if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
                    nghttp2_hd_inflate_end_headers(inflater)
                    return lines
                }
                if !isLine, rest.isEmpty { return nil }
            }
        }
    }
}
