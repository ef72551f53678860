internal import HTTP1

/// Percent-encoding of paths and queries (RFC 3986 §2.1).
enum PercentCoding {
    /// The text behind the escapes; nil for a broken escape or bytes that are not UTF-8.
    static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String? {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        guard let bytes = PercentDecoding.bytes(of: text, plusIsSpace: plusIsSpace) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// As `decode`, but an escaped slash stays escaped: in a multi-segment variable it is not a separator.
    ///
    /// The text was decoded before, so its escapes are known to be good.
    static func decodeKeepingSlashes(_ text: Substring) -> String {
        var result = ""
        var rest = text
        while let place = rest.range(ofEscapedSlash: ()) {
            result += (decode(rest[..<place.lowerBound]) ?? "") + rest[place]
            rest = rest[place.upperBound...]
        }
        return result + (decode(rest) ?? "")
    }
}

extension Substring {
    fileprivate func range(ofEscapedSlash: Void) -> Range<Index>? {
        var place = startIndex
        while place < endIndex, let end = index(place, offsetBy: 3, limitedBy: endIndex) {
            if self[place] == "%", self[place..<end].lowercased() == "%2f" { return place..<end }
            place = index(after: place)
        }
        return nil
    }
}
