package import ProtoCheck

/// What a team decided about changes of its contracts.
package struct BreakingOptions: Equatable, Sendable {
    package var selection = RuleSelection(use: ["FILE"])
    package var ignores = Ignores()
    /// Whether alpha, beta and test packages may change in any way.
    package var ignoresUnstablePackages = false
    /// Whether a message under another name counts as the same if it has the same form on the wire. Names are compared
    /// letter by letter without it, as buf does.
    package var comparesStructure = true

    /// What to compare with if the command line does not say it: `.git#branch=main`.
    package var againstInput: String?

    package init() {}

    /// Reads the `breaking` section of a configuration file.
    package init(_ node: ConfigNode?, of module: CheckFile.Module) throws(ConfigurationFault) {
        guard let node else { return }
        let members = try node.members(
            of: "breaking",
            known: [
                "use", "except", "ignore", "ignore_only", "ignore_unstable_packages", "disable_builtin",
                "against_input",
            ])
        againstInput = try members["against_input"]?.text("against_input")
        if let use = try members["use"]?.texts("use"), !use.isEmpty { selection.use = use }
        selection.except = try members["except"]?.texts("except") ?? []
        ignores = try Ignores(members, in: module)
        ignoresUnstablePackages = try members["ignore_unstable_packages"]?.bool("ignore_unstable_packages") ?? false
        if try members["disable_builtin"]?.bool("disable_builtin") ?? false { selection.use = [] }
    }

    /// Whether anyone asked about code that is generated again; if not, a new name for the same form breaks nothing.
    var asksAboutSource: Bool {
        !selection.use.allSatisfy { ["WIRE", "WIRE_JSON"].contains($0) }
    }
}

/// Who must not notice a change: `--level` of the command line.
package enum CompatibilityLevel: String, CaseIterable, Sendable {
    /// Programs that exchange messages in the binary format.
    case wire
    /// Those, and programs that exchange JSON.
    case json
    /// Those, and code that is generated from the new contract and built with callers of the old one.
    case source

    package var category: String {
        switch self {
        case .wire: "WIRE"
        case .json: "WIRE_JSON"
        case .source: "FILE"
        }
    }
}
