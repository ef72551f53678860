import Testing

@testable import Control

/// Who goes by which version, and when a rollout is over.
struct RolloutTests {
    enum Step: Sendable {
        case published(String, String)
        case registers(String)
        case leaves(String)
        case watches(String, String)
        case leavesWatch(String)
        case reports(String, String, [String])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let steps: [Step]
        /// Each member with the policies that it goes by and those that it refuses.
        let members: [String]
        let isComplete: Bool

        init(_ name: String, _ steps: [Step], _ members: [String], isComplete: Bool) {
            testDescription = name
            self.steps = steps
            self.members = members
            self.isComplete = isComplete
        }
    }

    static let cases: [Case] = [
        Case("nobody is there, and everybody of them goes by it", [.published("v1", "h")], [], isComplete: true),
        Case(
            "a member that has not said anything is waited for", [.published("v1", "h"), .registers("a")], ["a - -"],
            isComplete: false),
        Case(
            "a report without faults is consent",
            [.published("v1", "h"), .registers("a"), .reports("a", "v1", [])], ["a h -"], isComplete: true),
        Case(
            "a report with faults is an answer too, and changes nothing of what the member goes by",
            [
                .published("v0", "g"), .registers("a"), .reports("a", "v0", []), .published("v1", "h"),
                .reports("a", "v1", ["no"]),
            ], ["a g h"], isComplete: true),
        Case(
            "a member that took a later version has forgotten what it refused",
            [
                .published("v1", "g"), .registers("a"), .reports("a", "v1", ["no"]), .published("v2", "h"),
                .reports("a", "v2", []),
            ], ["a h -"], isComplete: true),
        Case(
            "a watch says which version the member goes by",
            [.published("v1", "h"), .watches("a", "v1")], ["a h -"], isComplete: true),
        Case(
            "a watch with another version is no consent",
            [.published("v0", "g"), .published("v1", "h"), .watches("a", "v0")], ["a g -"], isComplete: false),
        Case(
            "versions of one policy count alike: somebody registered meanwhile",
            [.published("v1", "h"), .registers("a"), .reports("a", "v1", []), .published("v2", "h")], ["a h -"],
            isComplete: true),
        Case(
            "who left is not waited for",
            [.published("v1", "h"), .registers("a"), .registers("b"), .reports("a", "v1", []), .leaves("b")],
            ["a h -"], isComplete: true),
        Case(
            "who only watches counts until it leaves",
            [.published("v1", "h"), .watches("a", ""), .leavesWatch("a")], [], isComplete: true),
        Case(
            "who watches and is not registered any more still counts",
            [.published("v1", "h"), .registers("a"), .watches("a", ""), .leaves("a")], ["a - -"], isComplete: false),
        Case(
            "a second watch takes the place of the first, whichever ends first",
            [.published("v1", "h"), .watches("a", ""), .watches("a", "v1"), .leavesWatch("a")], ["a h -"],
            isComplete: true),
        Case(
            "a stranger's report is not heard", [.published("v1", "h"), .reports("a", "v1", [])], [], isComplete: true),
        Case(
            "a version that nobody knows is no consent",
            [.published("v1", "h"), .registers("a"), .reports("a", "v9", [])], ["a - -"], isComplete: false),
    ]

    @Test(arguments: cases) func rules(_ row: Case) {
        var rollout = Rollout()
        func key(_ name: String) -> Rollout.Key { Rollout.Key(service: "course", instance: name) }
        for step in row.steps {
            switch step {
            case .published(let version, let hash): rollout.published(version, policies: hash)
            case .registers(let name): rollout.registered(key(name), spiffeID: "id", admin: "")
            case .leaves(let name): rollout.left(key(name))
            case .watches(let name, let version):
                let isTaken = rollout.watchBegan(key(name), spiffeID: "id", admin: "", version: version)
                #expect(isTaken)
            case .leavesWatch(let name): rollout.watchEnded(key(name))
            case .reports(let name, let version, let faults):
                let isHeard = rollout.reported(key(name), version: version, faults: faults)
                #expect(isHeard == (rollout.members[key(name)] != nil))
            }
        }
        let members = rollout.members.map { key, member in
            "\(key.instance) \(member.hash.isEmpty ? "-" : member.hash) "
                + (member.refusedHash.isEmpty ? "-" : member.refusedHash)
        }
        #expect(members.sorted() == row.members)
        #expect(rollout.isComplete(policies: "h") == row.isComplete)
    }

    @Test func `every change is told to those who wait`() {
        var rollout = Rollout()
        let key = Rollout.Key(service: "course", instance: "a")
        var seen = rollout.revision
        for step in 0..<5 {
            switch step {
            case 0: rollout.published("v1", policies: "h")
            case 1: rollout.registered(key, spiffeID: "id", admin: "")
            case 2: _ = rollout.watchBegan(key, spiffeID: "id", admin: "", version: "")
            case 3: _ = rollout.reported(key, version: "v1", faults: [])
            default: rollout.left(key)
            }
            #expect(rollout.revision > seen, "step \(step)")
            seen = rollout.revision
        }
    }

    @Test func `so many versions are remembered and no more`() {
        var rollout = Rollout()
        let key = Rollout.Key(service: "course", instance: "a")
        rollout.registered(key, spiffeID: "id", admin: "")
        for number in 0...Rollout.mostVersions { rollout.published("v\(number)", policies: "h\(number)") }
        _ = rollout.reported(key, version: "v0", faults: [])
        #expect(rollout.members[key]?.hash == "")
        _ = rollout.reported(key, version: "v1", faults: [])
        #expect(rollout.members[key]?.hash == "h1")
    }
}
