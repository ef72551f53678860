import Descriptors

/// The comments of one contract, found by the path of the element that they stand at.
struct Comments {
    private let places: [[Int32]: SourceCodeInfo.Location]

    init(_ file: FileDescriptorProto) {
        var places: [[Int32]: SourceCodeInfo.Location] = [:]
        for location in file.sourceCodeInfo?.location ?? [] where places[location.path] == nil {
            places[location.path] = location
        }
        self.places = places
    }

    /// The comment above an element, or behind it if there is none above, line by line.
    func at(_ path: [Int32]) -> [String] {
        guard let place = places[path] else { return [] }
        return Comments.lines(place.leadingComments ?? place.trailingComments ?? "")
    }

    /// What stands at the top of the file: above `syntax`, `edition` or else `package`. A licence says nothing of the contract.
    var ofFile: [String] {
        for number in [12, 14, 2] as [Int32] {
            guard let place = places[[number]] else { continue }
            let text = place.leadingComments ?? place.leadingDetachedComments.first ?? ""
            if !text.isEmpty, !text.lowercased().contains("copyright") { return Comments.lines(text) }
        }
        return []
    }

    /// Lines without the blank that follows the comment's sign, and without empty lines at either end.
    private static func lines(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var line = line.hasPrefix(" ") ? line.dropFirst() : line
            while let last = line.last, last.isWhitespace { line.removeLast() }
            return String(line)
        }
        while lines.first?.isEmpty == true { lines.removeFirst() }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
