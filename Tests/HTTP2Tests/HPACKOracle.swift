import Bytes
import CNghttp2
import HTTP2

/// libnghttp2's own compressor and decompressor, beside which ours are put.
final class DeflateOracle {
    private var deflater: OpaquePointer?

    init(tableLimit: Int = 4096) {
        precondition(nghttp2_hd_deflate_new(&deflater, tableLimit) == 0)
    }

    deinit { nghttp2_hd_deflate_del(deflater) }

    func setTableSize(_ size: Int) {
        precondition(nghttp2_hd_deflate_change_table_size(deflater, size) == 0)
    }

    func encode(_ fields: Fields) -> [UInt8] {
        var pairs = fields.map { Array(($0.name + $0.value).utf8) }
        let lengths = fields.map { ($0.name.utf8.count, $0.value.utf8.count, $0.isSensitive) }
        var values: [nghttp2_nv] = []
        // The texts stay where they are, as nobody touches the arrays until the block is written.
        for index in pairs.indices {
            pairs[index].withUnsafeMutableBufferPointer { text in
                let (name, value, isSensitive) = lengths[index]
                let flags = isSensitive ? NGHTTP2_NV_FLAG_NO_INDEX.rawValue : NGHTTP2_NV_FLAG_NONE.rawValue
                values.append(
                    nghttp2_nv(
                        name: text.baseAddress, value: text.baseAddress.map { $0 + name }, namelen: name,
                        valuelen: value, flags: UInt8(flags)))
            }
        }
        let bound = nghttp2_hd_deflate_bound(deflater, values, values.count)
        let block = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            let length = nghttp2_hd_deflate_hd(deflater, target.baseAddress, bound, &values, values.count)
            precondition(length >= 0)
            count = length
        }
        withExtendedLifetime(pairs) {}
        return block
    }
}

final class InflateOracle {
    private var inflater: OpaquePointer?

    init() {
        precondition(nghttp2_hd_inflate_new(&inflater) == 0)
    }

    deinit { nghttp2_hd_inflate_del(inflater) }

    func setTableLimit(_ size: Int) {
        precondition(nghttp2_hd_inflate_change_table_size(inflater, size) == 0)
    }

    /// The block's fields, or nil if it is not one.
    func decode(_ block: [UInt8]) -> [FieldLine]? {
        var lines: [FieldLine] = []
        return block.withUnsafeBufferPointer { bytes in
            var rest = bytes[...]
            while true {
                var pair = nghttp2_nv()
                var flags: Int32 = 0
                let read = nghttp2_hd_inflate_hd2(
                    inflater, &pair, &flags, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count, 1)
                guard read >= 0 else { return nil }
                rest = rest.dropFirst(read)
                if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 { lines.append(FieldLine(pair)) }
                if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
                    nghttp2_hd_inflate_end_headers(inflater)
                    return lines
                }
                if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) == 0, rest.isEmpty { return nil }
            }
        }
    }
}

/// A field as bytes, to be compared.
struct FieldLine: Equatable, CustomStringConvertible {
    var name: [UInt8]
    var value: [UInt8]
    var isSensitive: Bool

    init(_ pair: nghttp2_nv) {
        name = Array(UnsafeBufferPointer(start: pair.name, count: pair.namelen))
        value = Array(UnsafeBufferPointer(start: pair.value, count: pair.valuelen))
        isSensitive = pair.flags & UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) != 0
    }

    init(_ name: [UInt8], _ value: [UInt8], isSensitive: Bool) {
        self.name = name
        self.value = value
        self.isSensitive = isSensitive
    }

    static func all(_ fields: Fields) -> [FieldLine] {
        (0..<fields.count).map { index in
            fields.withBytes(at: index) { FieldLine(Array($0), Array($1), isSensitive: fields.isSensitive(at: index)) }
        }
    }

    var description: String {
        String(decoding: name + Array(": ".utf8) + value, as: UTF8.self) + (isSensitive ? " (secret)" : "")
    }
}

extension HPACKDecoder {
    /// The block's fields, or the error; a list that is too large says so.
    mutating func lines(_ block: [UInt8]) -> Result<[FieldLine], HPACKError> {
        var fields = Fields()
        let error: HPACKError? = block.withUnsafeBytes { bytes in
            do throws(HPACKError) {
                _ = try decode(bytes, into: &fields)
                return nil
            } catch {
                return error
            }
        }
        return error.map { .failure($0) } ?? .success(FieldLine.all(fields))
    }
}

extension HPACKEncoder {
    mutating func block(_ fields: Fields) -> [UInt8] {
        var block: [UInt8] = []
        encode(fields, into: &block)
        return block
    }
}
