import Foundation

/// `weft.gen.json` in a target's folder. All keys may be left out; paths are relative to the folder.
///
///     {
///       "importPaths": ["../../proto"],
///       "contracts": ["learn", "shop/order.proto"],
///       "visibility": "package",
///       "modules": { "money": "MoneyContracts" }
///     }
struct Setup {
    static let fileName = "weft.gen.json"

    /// Where imports are looked for, and the contracts too.
    var importPaths = ["."]
    /// Files, or folders for all in them, from an import path on.
    var contracts = ["."]
    /// Who may use the code: most modules of contracts are there for others.
    var visibility = "public"
    /// In which modules contracts live that are imported but not generated here.
    var modules: [String: String] = [:]
    /// Messages get a `View`; the target enables the experimental feature `Lifetimes`.
    var views = false
    /// Messages that have rules of `buf.validate` check themselves, and services their requests.
    var validation = true
    /// The file that said so.
    var file: URL?

    init(in folder: URL) throws {
        let file = folder.appending(path: Setup.fileName)
        guard let data = FileManager.default.contents(atPath: file.path) else { return }
        self.file = file
        guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw Fault("\(file.path) is not a JSON object")
        }
        for (key, value) in object.sorted(by: { $0.key < $1.key }) {
            switch key {
            case "importPaths": importPaths = try Setup.read(value, "a list of folders", key, file)
            case "contracts": contracts = try Setup.read(value, "a list of files and folders", key, file)
            case "visibility": visibility = try Setup.read(value, "public, package or internal", key, file)
            case "modules": modules = try Setup.read(value, "an object of paths and modules", key, file)
            case "views": views = try Setup.read(value, "true or false", key, file)
            case "validation": validation = try Setup.read(value, "true or false", key, file)
            default:
                let known = "importPaths, contracts, visibility, modules, views and validation"
                throw Fault("\(file.path): unknown key '\(key)'; known are \(known)")
            }
        }
    }

    private static func read<Value>(_ value: Any, _ wanted: String, _ key: String, _ file: URL) throws -> Value {
        guard let value = value as? Value else { throw Fault("\(file.path): '\(key)' is not \(wanted)") }
        return value
    }
}
