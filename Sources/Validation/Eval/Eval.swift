/// What CEL expressions become: the operators and functions of the language as the generator calls them.
///
/// They throw where CEL has a run-time error, and differ from Swift's own where CEL does: strings compare by code points,
/// integers never trap, lists are indexed by `Int64`.
public enum Eval {}
