import Testing

@testable import WebProtocols

@Test("there are four forms")
func forms() {
    #expect(WebProtocol.allCases.count == 4)
}
