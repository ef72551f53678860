import Bytes
import HTTP2
import Testing
import Timebase

/// Both engines make the same of the same bytes, but for what is named.
struct DifferentialTests {
    static let settings: HTTP2Settings = {
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = 6
        settings.initialWindow = 70_000
        settings.connectionWindow = 200_000
        return settings
    }()

    @Test("random frames and commands", arguments: 0..<400)
    func frames(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let role: HTTP2Session.Role = seed % 2 == 0 ? .server : .client
        let twins = Twins(role, settings: Self.settings, limits: FuzzTests.limits)
        let hello = (role == .server ? preface : []) + Frame.settings().bytes + Frame.settingsAck.bytes
        #expect(twins.step { $0.receive(hello) } == nil)
        if role == .client {
            #expect(twins.step { twin in for _ in 0..<4 { _ = try? twin.session.openStream(request, end: false) } } == nil)
        }
        for _ in 0..<200 {
            let bytes = FuzzTests.frame(&chance, role)
            if let difference = twins.step({ $0.receive(bytes) }) {
                return judge(bytes, difference, seed)
            }
            if let action = twins.act(&chance), let difference = twins.step(action) {
                return judge([], difference, seed)
            }
            if twins.native.error != nil { return }
        }
    }

    private func judge(_ bytes: [UInt8], _ difference: (native: Outcome, library: Outcome), _ seed: UInt64) {
        print("DIFF seed \(seed) bytes \(bytes.prefix(40))\n   native \(difference.native)\n   librar \(difference.library)")
    }
}
