import Descriptors
import Timebase

extension ConfigSection {
    /// `800ms`, `2s`, `5m` or `1h`.
    func duration(_ name: String) -> Duration? {
        guard let text = text(name) else { return nil }
        if let duration = Duration(text: text) { return duration }
        fault(name, "'\(text)' is not a duration such as 800ms or 2s")
        return nil
    }
}
