import Foundation

/// Puts bytes in the place of what a file holds, all at once: whoever reads meanwhile sees the old or the new.
///
/// A link stays one and its file is written; what is no plain file (`/dev/stdout`, a pipe) is written through.
package func writeFile(_ bytes: [UInt8], to path: String) throws {
    let file = URL(filePath: path).resolvingSymlinksInPath()
    let type = try? FileManager.default.attributesOfItem(atPath: file.path)[.type] as? FileAttributeType
    // What a link such as /dev/stdout leads to may have no name to be renamed to.
    let isPlain = type == .typeRegular || type == nil && !isLink(path)
    if isPlain {
        try Data(bytes).write(to: file, options: .atomic)
    } else {
        guard let handle = FileHandle(forWritingAtPath: path) else { throw CocoaError(.fileWriteNoPermission) }
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }
}

private func isLink(_ path: String) -> Bool {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
}
