public import ProtoWire

/// Stands around the handlers of a router: authentication, telemetry, limits of an application's own.
///
/// Interceptors stand in a list; a call meets them from the first to the last, and its ending from the last to the first.
/// All three functions run in the handler's task, for all four kinds of call.
///
///     struct Authentication: ServerInterceptor {
///         func respond(to call: Call, next: @Sendable () async throws -> Void) async throws {
///             guard let user = await sessions.user(of: call.metadata["authorization"]) else {
///                 throw RPCError(.unauthenticated, "sign in first")
///             }
///             try await User.$current.withValue(user) { try await next() }
///         }
///     }
///
/// What it wants to tell the handler goes by a task-local value, as here, or by `call.metadata`; what it wants to tell the
/// caller by `call.responseMetadata` and `call.responseTrailers`. A router without interceptors spends nothing on them.
public protocol ServerInterceptor: Sendable {
    /// Stands around the handler. Call `next` once to go on; what is thrown is the call's error, whoever throws it.
    ///
    /// A unary call's reply is sent when the interceptors have returned, so that one may still refuse it; a stream's replies
    /// are sent as they come.
    func respond(to call: Call, next: @Sendable () async throws -> Void) async throws

    /// Sees each request message before the handler does; what it returns goes on, what it throws ends the call.
    func received<M: Message>(_ message: M, of call: Call) async throws -> M

    /// Sees each reply before it is encoded; what it returns goes on, what it throws is thrown to the handler's writer.
    func sending<M: Message>(_ message: M, of call: Call) async throws -> M
}

extension ServerInterceptor {
    public func respond(to call: Call, next: @Sendable () async throws -> Void) async throws { try await next() }
    public func received<M: Message>(_ message: M, of call: Call) async throws -> M { message }
    public func sending<M: Message>(_ message: M, of call: Call) async throws -> M { message }
}
