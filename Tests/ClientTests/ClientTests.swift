import Testing

@testable import Client

@Test("a client keeps its target")
func target() {
    #expect(Client(target: "dns:///orders:80").target == "dns:///orders:80")
}
