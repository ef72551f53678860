import Postgres

/// What a course may be. Each bound is far above what a course needs and far below what would hurt a server.
extension CourseContent {
    static let longestTitle = 200
    static let longestSummary = 10_000
    static let mostLessons = 500
    static let longestText = 100_000
    static let longestAddress = 2000
    static let mostMinutes: Int32 = 10_000
    static let mostLabels = 64
    static let longestLabel = 256
    /// All texts of a course together, in bytes: several courses fit into one message.
    static let heaviest = 1 << 20
}

extension CourseContent {
    /// Checks everything that an author wrote. `prefix` is where the course stands in the request: `course.`.
    static func check(
        title: String?, summary: String?, lessons: [Lesson]?, labels: [Label]?, prefix: String,
        _ violations: inout Violations
    ) {
        if let title { violations.checkLine(title, "\(prefix)title", longest: longestTitle) }
        if let summary { violations.checkText(summary, "\(prefix)summary", longest: longestSummary) }
        if let lessons { check(lessons, prefix: prefix, &violations) }
        if let labels { check(labels, prefix: prefix, &violations) }
    }

    private static func check(_ lessons: [Lesson], prefix: String, _ violations: inout Violations) {
        if lessons.count > mostLessons {
            violations.add("\(prefix)lessons", "are \(lessons.count), at most \(mostLessons) are allowed")
            return
        }
        var seen: [String: Int] = [:]
        for (index, lesson) in lessons.enumerated() {
            let field = "\(prefix)lessons[\(index)]"
            violations.checkName(lesson.id, "\(field).id", longest: 64)
            violations.checkLine(lesson.title, "\(field).title", longest: longestTitle)
            if let first = seen.updateValue(index, forKey: lesson.id) {
                violations.add("\(field).id", "'\(lesson.id)' is the id of lessons[\(first)] already")
            }
            switch lesson.body {
            case .text(let text): violations.checkText(text, "\(field).text", longest: longestText)
            case .video(let url): check(address: url, "\(field).video_url", &violations)
            case nil: break
            }
            if let minutes = lesson.minutes, minutes < 0 || minutes > mostMinutes {
                violations.add("\(field).minutes", "is \(minutes), it must lie between 0 and \(mostMinutes)")
            }
        }
    }

    private static func check(address: String, _ field: String, _ violations: inout Violations) {
        let rest = ["https://", "http://"].first { address.hasPrefix($0) }.map { address.dropFirst($0.count) }
        if let rest, !rest.isEmpty, address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) {
            violations.checkLength(address, field, longest: longestAddress)
        } else {
            violations.add(field, "must be an http or https URL")
        }
    }

    private static func check(_ labels: [Label], prefix: String, _ violations: inout Violations) {
        if labels.count > mostLabels {
            violations.add("\(prefix)labels", "are \(labels.count), at most \(mostLabels) are allowed")
        }
        for label in labels.prefix(mostLabels) {
            violations.checkLine(label.key, "\(prefix)labels key", longest: longestLabel)
            violations.checkText(label.value, "\(prefix)labels['\(label.key.prefix(64))']", longest: longestLabel)
        }
    }
}
