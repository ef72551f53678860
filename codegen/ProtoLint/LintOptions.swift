package import ProtoCheck

/// What a team decided about its contracts: which rules, which exceptions, which names.
package struct LintOptions: Equatable, Sendable {
    package var selection = RuleSelection(use: ["STANDARD"])
    package var ignores = Ignores(commentPrefixes: LintOptions.commentPrefixes)
    package var enumZeroValueSuffix = "_UNSPECIFIED"
    package var serviceSuffix = "Service"
    package var allowsSameRequestAndResponse = false
    package var allowsEmptyRequests = false
    package var allowsEmptyResponses = false

    /// Above an element, before the name of the rule that does not count for it.
    package static let commentPrefixes = ["buf:lint:ignore", "weft:lint:ignore"]

    package init() {}

    /// Reads the `lint` section of a configuration file.
    package init(_ node: ConfigNode?, of module: CheckFile.Module) throws(ConfigurationFault) {
        guard let node else { return }
        let members = try node.members(
            of: "lint",
            known: [
                "use", "except", "ignore", "ignore_only", "disallow_comment_ignores", "enum_zero_value_suffix",
                "rpc_allow_same_request_response", "rpc_allow_google_protobuf_empty_requests",
                "rpc_allow_google_protobuf_empty_responses", "service_suffix", "disable_builtin",
            ])
        if let use = try members["use"]?.texts("use"), !use.isEmpty { selection.use = use }
        selection.except = try members["except"]?.texts("except") ?? []
        ignores = try Ignores(members, in: module)
        let isSilenced = try members["disallow_comment_ignores"]?.bool("disallow_comment_ignores") ?? false
        ignores.commentPrefixes = isSilenced ? [] : LintOptions.commentPrefixes
        if let suffix = try members["enum_zero_value_suffix"]?.text("enum_zero_value_suffix") {
            enumZeroValueSuffix = suffix
        }
        if let suffix = try members["service_suffix"]?.text("service_suffix") { serviceSuffix = suffix }
        func flag(_ name: String) throws(ConfigurationFault) -> Bool { try members[name]?.bool(name) ?? false }
        allowsSameRequestAndResponse = try flag("rpc_allow_same_request_response")
        allowsEmptyRequests = try flag("rpc_allow_google_protobuf_empty_requests")
        allowsEmptyResponses = try flag("rpc_allow_google_protobuf_empty_responses")
        if try flag("disable_builtin") { selection.use = [] }
    }
}
