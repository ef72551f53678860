/// What a rule is called and what it is for; the check itself stands beside it, in lint and in breaking.
package struct Rule: Hashable, Sendable {
    /// As configurations and ignores name it: `ENUM_VALUE_PREFIX`.
    package let name: String
    /// The sets that it is in, the smallest last; empty if one has to ask for it by name.
    package let categories: [String]
    /// What it checks, in a sentence.
    package let purpose: String
    /// Why anyone should care, in a sentence.
    package let why: String

    package init(_ name: String, _ categories: [String], _ purpose: String, why: String) {
        self.name = name
        self.categories = categories
        self.purpose = purpose
        self.why = why
    }
}
