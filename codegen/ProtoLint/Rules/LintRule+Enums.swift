import Descriptors
import ProtoCheck

extension LintRule {
    /// How enums and their values are made.
    static let enumRules: [LintRule] = [
        LintRule(
            Rule(
                "ENUM_FIRST_VALUE_ZERO", basic, "The first value of an enum is 0.",
                why: "the first value is the default, and proto3 and open enums have no other default than 0")
        ) { run in
            run.forEachEnum { enumeration, run in
                guard let first = enumeration.values.first, first.number != 0 else { return }
                run.report(
                    "the first value `\(first.name)` is \(first.number), not 0", at: first.place.part(2),
                    help: "put a value before it: `\(Naming.upperSnakeCase(enumeration.name))_UNSPECIFIED = 0;`")
            }
        },
        LintRule(
            Rule(
                "ENUM_NO_ALLOW_ALIAS", basic, "Enums do not set `allow_alias`.",
                why: "of two names for one number JSON writes the first, and nobody can tell which was meant")
        ) { run in
            run.forEachEnum { enumeration, run in
                guard enumeration.proto.options?.allowAlias == true else { return }
                run.report(
                    "the enum `\(enumeration.name)` allows aliases", at: enumeration.place.part(3, 2),
                    help: "give each value its own number and take the option out")
            }
        },
        LintRule(
            Rule(
                "ENUM_VALUE_UPPER_SNAKE_CASE", basic, "Enum values are UPPER_SNAKE_CASE.",
                why: "JSON writes the name as it stands, and generators take its words apart at `_`")
        ) { run in
            run.forEachEnumValue { value, _, run in
                let expected = Naming.upperSnakeCase(value.name)
                guard value.name != expected else { return }
                run.report(
                    "the enum value `\(value.name)` should be UPPER_SNAKE_CASE", at: value.place.part(1),
                    help: "rename it to `\(expected)`")
            }
        },
        LintRule(
            Rule(
                "ENUM_VALUE_PREFIX", standard, "Enum values begin with the name of their enum.",
                why: "the values of an enum are names of the scope around it, so two enums may not both have `UNKNOWN`")
        ) { run in
            run.forEachEnumValue { value, enumeration, run in
                let prefix = Naming.upperSnakeCase(enumeration.name) + "_"
                guard !value.name.hasPrefix(prefix) else { return }
                run.report(
                    "the enum value `\(value.name)` should begin with `\(prefix)`", at: value.place.part(1),
                    help: "rename it to `\(prefix)\(value.name)`; generated Swift takes the prefix off again")
            }
        },
        LintRule(
            Rule(
                "ENUM_ZERO_VALUE_SUFFIX", standard,
                "The value 0 of an enum has the same suffix everywhere (configurable, `_UNSPECIFIED` by default).",
                why: "0 is what a field has that nobody set, so it should say so and mean nothing else")
        ) { run in
            let suffix = run.options.enumZeroValueSuffix
            run.forEachEnumValue { value, enumeration, run in
                guard value.number == 0, !value.name.hasSuffix(suffix) else { return }
                run.report(
                    "the enum value `\(value.name)` is 0 and should end in `\(suffix)`", at: value.place.part(1),
                    help: "call it `\(Naming.upperSnakeCase(enumeration.name))\(suffix)`")
            }
        },
    ]
}

extension LintRun {
    mutating func forEachEnumValue(_ body: (ContractEnumValue, ContractEnum, inout LintRun) -> Void) {
        forEachEnum { enumeration, run in
            for value in enumeration.values { body(value, enumeration, &run) }
        }
    }
}
