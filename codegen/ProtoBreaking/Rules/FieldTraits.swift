import Descriptors
import ProtoCheck

// How fields look in messages, and the smaller comparisons.

extension ContractField {
    /// The type as a reader knows it: the name of messages and enums, the word of scalars.
    var kindText: String {
        if proto.type == .message, kind == .group { return "\(typeName) (delimited)" }
        return typeName.isEmpty ? kind.name : typeName
    }

    var typePlace: ElementPlace {
        // The key and the value of a map stand where the map does.
        if isInMapEntry { return place }
        return switch kind {
        case .message, .enumeration, .group: place.part(6)
        default: place.part(5)
        }
    }

    /// Where the name of the type is.
    var typeNamePlace: ElementPlace { isInMapEntry ? place : place.part(6) }

    /// What the compiler fills in if the contract does not say it.
    var nameInJSON: String {
        if let name = proto.jsonName { return name }
        var out = ""
        var raises = false
        for character in name {
            if character == "_" {
                raises = true
            } else {
                out += raises ? character.uppercased() : String(character)
                raises = false
            }
        }
        return out
    }

    /// The C++ type: `ctype` where it is still allowed, else the feature.
    fileprivate func stringType(edition: Edition) -> Traits.StringType? {
        guard edition.rawValue < Edition.edition2024.rawValue, let ctype = proto.options?.ctype else {
            return traits.stringType
        }
        switch ctype {
        case .cord: return .cord
        case .stringPiece: return nil
        default: return .string
        }
    }
}

extension Contract {
    /// `java_string_check_utf8` may be stricter than the feature that all languages share.
    func javaValidation(of field: ContractField) -> FeatureSet.Utf8Validation {
        guard let file = file(field.place.file) else { return field.traits.utf8Validation }
        let option = file.proto.options?.javaStringCheckUtf8
        if file.proto.syntax != "editions" || option != nil {
            return option == true ? .verify : field.traits.utf8Validation
        }
        return field.traits.javaVerifies ? .verify : field.traits.utf8Validation
    }
}

extension BreakingRun {
    mutating func compareStringTypes(_ old: ContractField, _ new: ContractField) {
        let isText = [old.kind, new.kind].allSatisfy { $0 == .string || $0 == .bytes }
        guard isText, !(old.isInMapEntry && new.isInMapEntry), let oldFile = self.old.file(old.place.file),
            let newFile = self.new.file(new.place.file)
        else { return }
        let before = old.stringType(edition: Traits.edition(of: oldFile.proto))
        let now = new.stringType(edition: Traits.edition(of: newFile.proto))
        // STRING_PIECE was never more than a wish: a plain string in its place breaks nothing.
        guard before != now, !(before == nil && now == .string) else { return }
        report(
            "\(new.phrase) was \(before.word) in C++ and is \(now.word)",
            at: self.new.first(of: new.place.part(8, 1), new.place.part(8, 21, 1000, 2), new.place),
            against: self.old.first(of: old.place.part(8, 1), old.place.part(8, 21, 1000, 2), old.place),
            help: "change it back")
    }

    mutating func compareDefaults(_ old: ContractField, _ new: ContractField) {
        guard let before = DefaultValue(of: old, in: self.old), let now = DefaultValue(of: new, in: self.new),
            !(before.isZero && now.isZero), before != now
        else { return }
        report(
            "the default of \(new.phrase) was \(before.text) and is \(now.text)",
            at: self.new.first(of: new.place.part(7), new.place),
            against: self.old.first(of: old.place.part(7), old.place), help: "change it back",
            notes: [
                Finding.Note(
                    "witness", "no bytes at all\nbefore: reads \(before.text)\nnow:    reads \(now.text)")
            ])
    }
}

extension Traits.StringType? {
    fileprivate var word: String {
        switch self {
        case .view: "VIEW"
        case .cord: "CORD"
        case .string: "STRING"
        case nil: "STRING_PIECE"
        }
    }
}

extension FeatureSet.Utf8Validation {
    var word: String { self == .verify ? "checked for UTF-8" : "not checked for UTF-8" }
}

extension FieldOptions.JSType {
    var word: String {
        switch self {
        case .string: "JS_STRING"
        case .number: "JS_NUMBER"
        default: "JS_NORMAL"
        }
    }
}
