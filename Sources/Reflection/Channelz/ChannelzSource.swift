public import MeshAPI

/// What channelz shows of a process: its servers, its channels, and the sockets of both.
///
/// Numbers are unique among all kinds, never given twice, and rise with time. Whoever implements it may have to ask several
/// loops, hence the waiting; nothing is kept for channelz while nobody asks.
public protocol ChannelzSource: Sendable {
    /// All servers, in any order.
    func servers() async -> [GrpcChannelzV1.Server]
    /// All channels that belong to no other one, in any order.
    func topChannels() async -> [GrpcChannelzV1.Channel]
    func channel(_ number: Int64) async -> GrpcChannelzV1.Channel?
    func subchannel(_ number: Int64) async -> GrpcChannelzV1.Subchannel?
    /// The connections of a server, in any order; nil if there is no such server.
    func sockets(ofServer number: Int64) async -> [GrpcChannelzV1.SocketRef]?
    func socket(_ number: Int64) async -> GrpcChannelzV1.Socket?
}
