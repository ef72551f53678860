import ProtoSyntax

/// What became of a name that was looked up.
enum Lookup {
    case found(Symbol, fullName: String)
    /// The first part of the name was found in an inner scope, and there the search ends: the rest is not in it.
    case trapped(in: String)
    case missing
}

extension Program {
    /// Looks `name` up from `scope` outwards, as C++ does: the innermost scope that has the *first part* of the name wins,
    /// and the rest must be in it. A leading point names from the root (protobuf.dev, "Packages and Name Resolution").
    ///
    /// `fits` says which symbols a name without further parts may mean; others are passed over.
    func look(
        up name: String, from scope: String, seenFrom visible: Set<Int>, where fits: (Symbol.Kind) -> Bool
    ) -> Lookup {
        if name.hasPrefix(".") {
            let fullName = String(name.dropFirst())
            guard let symbol = symbol(fullName, seenFrom: visible) else { return .missing }
            return .found(symbol, fullName: fullName)
        }
        let first = name.prefix { $0 != "." }
        let isPlain = first.count == name.count
        var rest = Substring(scope)
        while true {
            let prefix = rest.isEmpty ? "" : rest + "."
            let head = prefix + first
            if isPlain {
                if let symbol = symbol(head, seenFrom: visible), fits(symbol.kind) {
                    return .found(symbol, fullName: head)
                }
            } else if symbol(head, seenFrom: visible)?.kind.isScope ?? isPackage(head, seenFrom: visible) {
                let fullName = prefix + name
                if let symbol = symbol(fullName, seenFrom: visible) { return .found(symbol, fullName: fullName) }
                return .trapped(in: head)
            }
            if rest.isEmpty { return .missing }
            rest = rest.lastIndex(of: ".").map { rest[..<$0] } ?? ""
        }
    }
}

/// `scope.name`, or `name` in the empty scope.
func joined(_ scope: String, _ name: String) -> String {
    scope.isEmpty ? name : "\(scope).\(name)"
}
