/// Where a contract is read from, as the command line and configurations say it.
package enum ContractInput: Equatable, Sendable {
    /// A folder or a `.proto` file.
    case path(String)
    /// A `FileDescriptorSet`, as `protoc -o` or `buf build -o` write it.
    case descriptorSet(String)
    /// What a git repository has at a revision; within a folder of it, if one is said.
    case git(repository: String, revision: String, subfolder: String?)

    /// The endings of files that hold a descriptor set.
    private static let endings = [".binpb", ".desc", ".pb", ".protoset", ".bin"]

    /// Reads `proto`, `old.binpb`, `.git#branch=main,subdir=proto`, `.git#tag=v1`, `.git#ref=HEAD~1`.
    package init(_ text: String) throws(ConfigurationFault) {
        let halves = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let place = halves.first, !place.isEmpty else {
            throw ConfigurationFault(
                "`\(text)` names no contract: say a folder, a descriptor set or `.git#branch=main`")
        }
        if text.contains("://") || place.hasPrefix("git@") {
            throw ConfigurationFault("`\(text)` is not on this machine; clone it, and name the clone's `.git`")
        }
        let isGit = place == ".git" || place.hasSuffix(".git") || place.hasSuffix(".git/") || halves.count > 1
        guard isGit else {
            self = ContractInput.endings.contains { place.hasSuffix($0) } ? .descriptorSet(place) : .path(place)
            return
        }
        self = try ContractInput.git(place, options: halves.count > 1 ? halves[1] : "")
    }

    private static func git(_ repository: String, options: String) throws(ConfigurationFault) -> ContractInput {
        var revision: String?
        var subfolder: String?
        for option in options.split(separator: ",") {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw ConfigurationFault("`\(option)` is no `name=value`") }
            switch parts[0] {
            case "branch", "tag", "ref", "commit":
                guard revision == nil else {
                    throw ConfigurationFault("`\(options)` says twice which revision: one of branch, tag, ref, commit")
                }
                // Git takes what begins with a dash for an option of its own.
                guard !parts[1].hasPrefix("-") else { throw ConfigurationFault("`\(parts[1])` is no revision") }
                revision = parts[1]
            case "subdir": subfolder = parts[1]
            default:
                throw ConfigurationFault(
                    "`\(parts[0])` is not known behind `#`: say branch, tag, ref or commit, and subdir")
            }
        }
        return .git(repository: repository, revision: revision ?? "HEAD", subfolder: subfolder)
    }
}
