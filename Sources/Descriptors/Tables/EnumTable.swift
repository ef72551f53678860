/// A linked enum.
public struct EnumTable: @unchecked Sendable, Equatable {  // the memory never changes once the pool is built
    struct Value {
        let number: Int32
        let name: Text
        /// What JSON calls it: its name, unless the contract says otherwise.
        let jsonName: Text
    }

    struct Raw {
        let fullName: Text
        /// By number; aliases in the order of the contract, so the first name of a number is found.
        let values: UnsafeMutablePointer<Value>
        let count: Int
        let names: NameIndex
        /// The names that JSON may have: those of the contract and those for JSON alone.
        let jsonNames: NameIndex
        /// A closed enum (proto2) takes no number that it does not name.
        let isClosed: Bool
        /// `google.protobuf.NullValue`, which is `null` in JSON.
        let isNull: Bool
        let firstNumber: Int32
    }

    let raw: UnsafePointer<Raw>

    public var fullName: String { raw.pointee.fullName.string }
    public var isClosed: Bool { raw.pointee.isClosed }
    /// What an absent field has: the value that the contract names first.
    public var defaultNumber: Int32 { raw.pointee.firstNumber }

    public var values: [(name: String, number: Int32)] {
        (0..<raw.pointee.count).map { (raw.pointee.values[$0].name.string, raw.pointee.values[$0].number) }
    }

    /// The number of a name.
    public func number(named name: String) -> Int32? {
        var name = name
        return name.withUTF8 { number(named: Text($0)) }
    }

    func number(named name: Text) -> Int32? {
        raw.pointee.names.find(name).map { raw.pointee.values[$0].number }
    }

    /// The first name of a number.
    public func name(of number: Int32) -> String? {
        text(of: number)?.string
    }

    func number(jsonName name: Text) -> Int32? {
        raw.pointee.jsonNames.find(name).map { raw.pointee.values[$0].number }
    }

    func text(of number: Int32) -> Text? {
        value(of: number)?.pointee.name
    }

    /// The first value of a number.
    func value(of number: Int32) -> UnsafePointer<Value>? {
        let values = raw.pointee.values
        // Most enums count from zero without gaps.
        if number >= 0, Int(number) < raw.pointee.count, values[Int(number)].number == number {
            var index = Int(number)
            while index > 0, values[index - 1].number == number { index -= 1 }
            return UnsafePointer(values + index)
        }
        var low = 0
        var high = raw.pointee.count
        while low < high {
            let middle = (low + high) / 2
            if values[middle].number < number { low = middle + 1 } else { high = middle }
        }
        guard low < raw.pointee.count, values[low].number == number else { return nil }
        return UnsafePointer(values + low)
    }

    public static func == (left: EnumTable, right: EnumTable) -> Bool { left.raw == right.raw }
}
