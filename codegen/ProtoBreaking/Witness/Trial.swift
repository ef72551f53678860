import Descriptors
import ProtoCheck

/// Payloads that one contract writes, and who reads them.
struct Trial {
    enum Direction {
        /// The old contract wrote, the new one reads: new servers and old clients, and everything that is stored.
        case forward
        /// The new contract wrote, the old one reads.
        case backward
    }

    enum Format {
        case binary
        case json
        /// It has names where JSON may have others.
        case text
    }

    let direction: Direction
    let writer: MessageTable
    let reader: MessageTable
    let writerPool: DescriptorPool
    let readerPool: DescriptorPool
    let payloads: [[UInt8]]

    /// The first payload that the two sides read differently, in this format.
    func witness(_ format: Format) -> Finding.Note? {
        for bytes in payloads {
            let own = Reading(bytes, as: writer, in: writerPool)
            // What its own side refuses nobody sends.
            guard !own.isRefused else { continue }
            if let note = note(bytes, own, format) { return note }
        }
        return nil
    }

    private func note(_ bytes: [UInt8], _ own: Reading, _ format: Format) -> Finding.Note? {
        let message = DynamicMessage(writer, bytes: bytes)
        switch format {
        case .binary:
            let other = Reading(bytes, as: reader, in: readerPool)
            return own == other ? nil : note(bytes.hex, own.text, other.text)
        case .json:
            guard let text = try? message.jsonString(types: writerPool) else { return nil }
            return note(text, own) { try DynamicMessage(reader, json: text, types: readerPool).bytes }
        case .text:
            var options = TextFormat.PrintOptions()
            options.isSingleLine = true
            guard let text = try? message.textString(options, types: writerPool) else { return nil }
            return note(text, own) { try DynamicMessage(reader, text: text, types: readerPool).bytes }
        }
    }

    /// Text by the other side: refused, or read as something; both are shown by number, since names are what differs.
    private func note(_ text: String, _ own: Reading, _ read: () throws -> [UInt8]) -> Finding.Note? {
        do {
            let other = Reading(try read(), as: reader, in: readerPool)
            return own == other ? nil : note(text, own.values, other.isRefused ? other.text : other.values)
        } catch {
            return note(text, own.values, "refuses it: \(error)")
        }
    }

    private func note(_ payload: String, _ own: String, _ other: String) -> Finding.Note {
        let sent = "\(writer.fullName): \(payload)"
        return switch direction {
        case .forward: Finding.Note("witness", "\(sent)\nbefore: \(own)\nnow:    \(other)")
        case .backward:
            Finding.Note("witness", "\(sent), written by the new contract\nbefore: \(other)\nnow:    \(own)")
        }
    }
}
