internal import Descriptors

extension EdgeMethod {
    /// The binary request that body, query and path say together.
    ///
    /// The path counts: a query or a body that says something else of the same field is refused, since what authorizes a
    /// request in front of the edge saw the path alone.
    func request(
        variables: [(fieldPath: String, value: String)], query: Substring, body: [UInt8]
    ) throws(EdgeFault) -> [UInt8] {
        var message = try message(of: body)
        try bind(query, to: &message, besides: variables.map(\.fieldPath))
        for variable in variables {
            let before = message.value(at: variable.fieldPath)
            do {
                try message.set(path: variable.fieldPath, text: variable.value)
            } catch {
                throw .invalid("the path: \(error)")
            }
            if let before, before != message.value(at: variable.fieldPath) {
                throw .invalid(
                    "'\(variable.fieldPath)' is '\(variable.value)' in the path and something else in the body")
            }
        }
        return message.bytes
    }

    private func message(of body: [UInt8]) throws(EdgeFault) -> DynamicMessage {
        switch self.body {
        case .none:
            guard body.isEmpty else { throw .invalid("this request takes no body") }
            return DynamicMessage(input)
        case .whole:
            return DynamicMessage(input, bytes: body.isEmpty ? [] : try transcode(body, into: nil))
        case .field(let field):
            guard !body.isEmpty else { return DynamicMessage(input) }
            return DynamicMessage(input, bytes: try transcode(body, into: field))
        }
    }

    /// - Parameter field: the one field that the text is the value of; nil if it is the whole message.
    private func transcode(_ text: [UInt8], into field: FieldTable?) throws(EdgeFault) -> [UInt8] {
        do {
            return try text.withUnsafeBytes { (raw) throws(JSONError) -> [UInt8] in
                if let field { return try transcoder.jsonToBinary(field: field, raw) }
                return try transcoder.jsonToBinary(input, raw)
            }
        } catch {
            throw .invalid("the body: \(error)")
        }
    }

    /// At most so many parameters are read: more is no request that a person or a client library makes.
    private static var maxParameters: Int { 256 }

    private func bind(
        _ query: Substring, to message: inout DynamicMessage, besides variables: [String]
    ) throws(EdgeFault) {
        guard !query.isEmpty else { return }
        let parameters = query.split(separator: "&")
        guard parameters.count <= Self.maxParameters else {
            throw .invalid("the query has more than \(Self.maxParameters) parameters")
        }
        if case .whole = body {
            throw .invalid("the whole request is in the body and the path; there are no query parameters")
        }
        var seen: Set<String> = []
        for parameter in parameters {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentCoding.decode(parts[0], plusIsSpace: true),
                let value = PercentCoding.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { throw .invalid("the query parameter '\(parameter)' is not percent-encoded UTF-8") }
            try bind(name, value, to: &message, besides: variables, &seen)
        }
    }

    private func bind(
        _ name: String, _ value: String, to message: inout DynamicMessage, besides variables: [String],
        _ seen: inout Set<String>
    ) throws(EdgeFault) {
        do {
            let fields = try input.fields(on: name)
            let plain = fields.map(\.name).joined(separator: ".")
            guard !variables.contains(plain) else { throw EdgeFault.invalid("'\(name)' is in the path already") }
            if case .field(let field) = body, fields.first == field {
                throw EdgeFault.invalid("'\(name)' belongs into the body")
            }
            guard seen.insert(plain).inserted || fields.last?.isRepeated == true else {
                throw EdgeFault.invalid("the query parameter '\(name)' stands twice")
            }
            try message.set(path: name, text: value)
        } catch let fault as EdgeFault {
            throw fault
        } catch {
            throw .invalid("the query: \(error)")
        }
    }

    /// Whether a path variable can fill the field: it must be there, single, and not a message of the contract's own.
    static func isBindable(_ path: String, in table: MessageTable) -> Bool {
        guard let field = try? table.fields(on: path).last else { return false }
        return !field.isRepeated && !field.isMap
            && (!field.kind.isMessage || field.message?.wellKnown != WellKnownType.none)
    }
}
