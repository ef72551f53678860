import Bytes
import CNghttp2

extension Fields {
    /// The fields in the library's form, valid during the call; the library copies what it keeps.
    func withNameValues<Result>(_ body: (UnsafeBufferPointer<nghttp2_nv>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: count) { pairs in
            withAllBytes { bytes in
                // The library declares the bytes mutable, but only reads them.
                let base = UnsafeMutablePointer(mutating: bytes.baseAddress)
                for index in 0..<count {
                    let place = place(of: index)
                    (pairs.baseAddress! + index).initialize(
                        to: nghttp2_nv(
                            name: base.map { $0 + place.start },
                            value: base.map { $0 + place.start + place.nameLength },
                            namelen: place.nameLength, valuelen: place.valueLength,
                            flags: UInt8(
                                place.isSensitive
                                    ? NGHTTP2_NV_FLAG_NO_INDEX.rawValue : NGHTTP2_NV_FLAG_NONE.rawValue)))
                }
                return body(UnsafeBufferPointer(pairs))
            }
        }
    }
}
