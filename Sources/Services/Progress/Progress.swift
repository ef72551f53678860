import Postgres
import Timebase

/// A lesson that a learner says to have finished. Valid as soon as it exists.
struct LessonRecord: Sendable, Equatable {
    let learner: LearnerID
    let course: UniqueID
    let lesson: String
}

/// The lessons of one course that one learner has finished, oldest first.
struct Progress: Sendable, Equatable {
    let learner: LearnerID
    let course: UniqueID
    var finished: [FinishedLesson]
}

struct FinishedLesson: Sendable, Equatable {
    let lesson: String
    let finishedAt: WallTime
}

/// Whoever learns: a name that some other system gave.
struct LearnerID: Sendable, Equatable {
    static let longest = 128

    let text: String
}
