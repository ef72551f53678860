/// A configuration file in the form of `buf.yaml`, version 2, so that a team may bring its own along:
///
///     version: v2
///     modules:
///       - path: proto
///     lint:
///       use: [STANDARD]
///     breaking:
///       use: [FILE]
package struct CheckFile: Sendable {
    /// A folder of contracts: what imports are relative to.
    package struct Module: Sendable {
        package var path: String
        package var includes: [String] = []
        package var excludes: [String] = []
        /// In place of the file's own, if they are there.
        package var lint: ConfigNode?
        package var breaking: ConfigNode?

        package init(path: String) {
            self.path = path
        }
    }

    package var modules: [Module] = [Module(path: ".")]
    package var lint: ConfigNode?
    package var breaking: ConfigNode?

    /// Without a configuration file everything is as it is by default.
    package init() {}

    package init(_ node: ConfigNode) throws(ConfigurationFault) {
        let members = try node.members(
            of: "the configuration",
            known: ["version", "modules", "lint", "breaking", "deps", "plugins", "policies", "name"])
        let version = try members["version"]?.text("version")
        guard version == "v2" else {
            throw node.fault(
                "the version is \(version.map { "`\($0)`" } ?? "missing"), and only `v2` is read; "
                    + "`buf config migrate` makes one of an older file")
        }
        if let plugins = members["plugins"], !plugins.isNull {
            throw plugins.fault("`plugins` are not run; take them out")
        }
        lint = members["lint"]
        breaking = members["breaking"]
        guard let list = members["modules"], !list.isNull else { return }
        guard case .list(let nodes) = list.value, !nodes.isEmpty else { throw list.fault("`modules` is a list") }
        modules = []
        for node in nodes { modules.append(try Module(node)) }
    }

    /// What a module's section says: its own, or that of the file.
    package func lint(of module: Module) -> ConfigNode? { module.lint ?? lint }
    package func breaking(of module: Module) -> ConfigNode? { module.breaking ?? breaking }
}

extension CheckFile.Module {
    init(_ node: ConfigNode) throws(ConfigurationFault) {
        let members = try node.members(
            of: "a module", known: ["path", "name", "includes", "excludes", "lint", "breaking"])
        path = try members["path"]?.text("path") ?? "."
        includes = try members["includes"]?.texts("includes") ?? []
        excludes = try members["excludes"]?.texts("excludes") ?? []
        lint = members["lint"]
        breaking = members["breaking"]
    }

    /// A path that is relative to the configuration file, as imports of the module name it; nil if it lies elsewhere.
    package func importName(of path: String) -> String? {
        let name = CheckFile.Module.plain(path)
        let root = CheckFile.Module.plain(self.path)
        if root.isEmpty || name == root { return name == root ? "." : name }
        return name.hasPrefix(root + "/") ? String(name.dropFirst(root.count + 1)) : nil
    }

    /// Without what changes nothing: `./proto/` is `proto`, `.` is nothing.
    private static func plain(_ path: String) -> String {
        var path = path[...]
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        while path.hasSuffix("/") { path = path.dropLast() }
        return path == "." ? "" : String(path)
    }
}

extension Ignores {
    /// Reads `ignore` and `ignore_only`, whose paths are relative to the configuration file.
    package init(
        _ members: [String: ConfigNode], in module: CheckFile.Module
    ) throws(ConfigurationFault) {
        self.init()
        for path in try members["ignore"]?.texts("ignore") ?? [] {
            // A path of another module is no fault: the file speaks of all of them.
            if let name = module.importName(of: path) { paths.append(name) }
        }
        guard let only = members["ignore_only"], !only.isNull else { return }
        guard case .map(let entries) = only.value else { throw only.fault("`ignore_only` has rules and their paths") }
        for entry in entries {
            pathsOfRule[entry.key] = try entry.value.texts(entry.key).compactMap { module.importName(of: $0) }
        }
    }
}
