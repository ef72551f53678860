import MeshPolicy
import Policy
import Timebase

/// The groups of instances that splits and mirrors of one destination lead to, each with a balancer, connections and
/// breakers of its own: what happens in one group says nothing about another, and what happens to a mirror nothing at all.
final class Branches {
    enum Use: Hashable {
        case split, mirror
    }

    struct Key: Hashable {
        let backend: Backend
        let use: Use
    }

    private let home: String
    private let make: (String, Use) -> Destination
    private var all: [Key: Destination] = [:]
    private var unused: Set<Key> = []

    /// - Parameter make: makes a destination without endpoints, by its name and what it is for.
    init(of home: String, make: @escaping (String, Use) -> Destination) {
        self.home = home
        self.make = make
    }

    var isEmpty: Bool { all.isEmpty }
    var destinations: [Destination] { Array(all.values) }

    /// The rules are read anew: what no `branch` asks for until `pruned` is over.
    func renew() {
        unused = Set(all.keys)
    }

    func branch(to backend: Backend, for use: Use) -> Destination {
        let key = Key(backend: backend, use: use)
        unused.remove(key)
        if let known = all[key] { return known }
        let name = (backend.service ?? home) + (backend.version.map { "@\($0)" } ?? "")
        let made = make(name, use)
        all[key] = made
        return made
    }

    func pruned() {
        for key in unused { all.removeValue(forKey: key)?.drain() }
        unused = []
    }

    func drain() {
        for (_, branch) in inOrder { branch.drain() }
    }

    /// By name: in the same order in each run of a simulation.
    private var inOrder: [(key: Key, branch: Destination)] {
        all.map { ($0.key, $0.value) }.sorted { $0.branch.name < $1.branch.name }
    }

    /// Gives each group the instances that it is for, and the rules of the service that they belong to.
    func fill(from destinations: [String: Destination], at now: Instant) {
        for (key, branch) in inOrder {
            let source = destinations[key.backend.service ?? home]
            let endpoints = source?.endpoints ?? []
            branch.replace(
                endpoints.filter { key.backend.version == nil || $0.version == key.backend.version }, at: now)
            guard var rules = source?.rules else { continue }
            // Splits are not followed further, and the faults are those of the service that is called.
            rules.splits = []
            rules.mirrors = []
            rules.faults = []
            branch.replace(rules: rules)
        }
    }
}
