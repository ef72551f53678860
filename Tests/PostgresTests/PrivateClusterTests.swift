import Postgres
import PrivateCluster
import Testing

@Suite("A cluster of our own")
struct PrivateClusterTests {
    @Test("a second server in the same folder is refused, and the first one named")
    func twice() throws {
        let failure = #expect(throws: ClusterFailure.self) {
            try PrivateCluster.start(PrivateCluster.Options(folder: TestServer.cluster.folder))
        }
        let process = TestServer.cluster.processID.map(String.init) ?? "?"
        #expect(failure?.message.contains("already, as process \(process)") == true)
    }

    @Test("a folder without Postgres is named, with what to do")
    func noBinaries() throws {
        var options = PrivateCluster.Options(folder: "/tmp/weft-pg-none")
        options.binaries = "/nowhere/bin"
        let failure = #expect(throws: ClusterFailure.self) { try PrivateCluster.start(options) }
        #expect(
            failure?.message
                == "there is no postgres in /nowhere/bin: install the package postgresql, or name its folder")
    }

    @Test(
        "a database is created once, and its name cannot be SQL",
        arguments: ["", "a-b", "x; DROP DATABASE y", "Ünïcode", "A"])
    func names(_ name: String) throws {
        try TestServer.cluster.createDatabase("again_and_again")
        try TestServer.cluster.createDatabase("again_and_again")
        #expect(throws: ClusterFailure.self) { try TestServer.cluster.createDatabase(name) }
    }

    @Test("a folder too long for a socket gets another place for it, and the server works")
    func longPath() async throws {
        var options = PrivateCluster.Options(
            folder: "\(TestServer.cluster.folder)-\(String(repeating: "long-", count: 20))")
        options.isDurable = false
        options.isDisposable = true
        let cluster = try PrivateCluster.start(options)
        #expect(!cluster.socketFolder.hasPrefix(cluster.folder))
        #expect(cluster.processID != nil)
        try cluster.createDatabase("here")
        let pool = try TestServer.pool(on: cluster.address(of: "here"))
        try await pool.ping()
        pool.close()
        cluster.stop()
        #expect(cluster.processID == nil)
    }
}
