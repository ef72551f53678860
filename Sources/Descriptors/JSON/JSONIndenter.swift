/// Spreads compact JSON over lines, as people read it: one member or element a line, `"key": value`.
///
/// It works on text that is JSON already, after the fact, so that writing compact JSON, which is what machines read, has
/// nothing to do with it.
struct JSONIndenter {
    let spaces: Int

    /// Writes `text` anew.
    func write(_ text: UnsafeRawBufferPointer, into out: inout JSONWriter) {
        var level = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                let first = index - 1
                while text[index] != UInt8(ascii: "\"") { index += text[index] == UInt8(ascii: "\\") ? 2 : 1 }
                index += 1
                out.append(UnsafeRawBufferPointer(rebasing: text[first..<index]))
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                out.append(byte)
                // An empty object or list stays together.
                if text[index] == UInt8(ascii: "}") || text[index] == UInt8(ascii: "]") {
                    out.append(text[index])
                    index += 1
                } else {
                    level += 1
                    line(level, &out)
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                level -= 1
                line(level, &out)
                out.append(byte)
            case UInt8(ascii: ","):
                out.append(byte)
                line(level, &out)
            case UInt8(ascii: ":"): out.append(": ")
            default: out.append(byte)
            }
        }
    }

    private func line(_ level: Int, _ out: inout JSONWriter) {
        out.append(UInt8(ascii: "\n"))
        for _ in 0..<level * spaces { out.append(UInt8(ascii: " ")) }
    }
}
