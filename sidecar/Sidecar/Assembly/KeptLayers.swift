import Exchange

/// The layers of one stack, over the changes of their rules.
///
/// A stack is assembled anew when a rule changed. A layer whose own rules are what they were is the same object in the new
/// one: its counts, buckets and history live on, and calls under way in the old stack go on counting. A layer whose
/// rules changed is told so where it can go on from what it knows (`change`), and made anew where it cannot.
final class KeptLayers {
    private struct Kept {
        let rules: any Equatable
        let layer: any Layer
    }

    private var kept: [String: Kept] = [:]
    private var parts: [String: AnyObject] = [:]

    /// The layer that `make` makes of the rules, or one that was made before.
    func layer<Rules: Equatable, Made: Layer>(
        _ name: String, _ rules: Rules, change: ((Made, Rules) -> Void)? = nil, make: (Rules) -> Made
    ) -> Made {
        if let known = kept[name], let layer = known.layer as? Made {
            if known.rules as? Rules == rules { return layer }
            if let change {
                change(layer, rules)
                kept[name] = Kept(rules: rules, layer: layer)
                return layer
            }
        }
        let made = make(rules)
        kept[name] = Kept(rules: rules, layer: made)
        return made
    }

    /// The same for a layer that is not there without rules: with nil its history is forgotten, and it costs nothing.
    func layer<Rules: Equatable, Made: Layer>(
        _ name: String, ifAny rules: Rules?, change: ((Made, Rules) -> Void)? = nil, make: (Rules) -> Made
    ) -> Made? {
        guard let rules else {
            kept[name] = nil
            return nil
        }
        return layer(name, rules, change: change, make: make)
    }

    /// What a stack needs beside layers, and keeps: it goes by no rules.
    func part<Part: AnyObject>(_ name: String, make: () -> Part) -> Part {
        if let known = parts[name] as? Part { return known }
        let made = make()
        parts[name] = made
        return made
    }

    /// A layer that goes by no rules.
    func layer<Made: Layer>(_ name: String, make: () -> Made) -> Made {
        layer(name, true) { _ in make() }
    }
}
