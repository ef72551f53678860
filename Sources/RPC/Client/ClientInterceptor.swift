public import ProtoWire

/// Stands around the calls of a channel: credentials, telemetry, repetition, refusal of an application's own.
///
/// Interceptors stand in a list; a call meets them from the first to the last, and its ending from the last to the first.
/// All three functions run in the caller's task, for all four kinds of call.
///
///     struct Timing: ClientInterceptor {
///         func intercept<Result>(
///             _ call: ClientCall, next: (ClientCall) async throws -> Result
///         ) async throws -> Result {
///             var call = call
///             try call.options.metadata.add("client-version", "7")
///             let began = clock.now
///             do {
///                 let result = try await next(call)
///                 report(call.method.path, .ok, clock.now - began)
///                 return result
///             } catch {
///                 report(call.method.path, RPCError(describing: error).code, clock.now - began)
///                 throw error
///             }
///         }
///     }
///
/// Retries, hedging and limits that many calls share belong into a stack of policies under the channel, which sees attempts;
/// an interceptor sees calls. A channel without interceptors spends nothing on them.
public protocol ClientInterceptor: Sendable {
    /// Stands around the call. Call `next` to make it, with options changed or not; throw to refuse it.
    ///
    /// `next` may be called again to repeat a unary call. A call that streams can be begun once: what the caller does with its
    /// messages cannot be undone, and another `next` throws INTERNAL.
    func intercept<Result: Sendable>(
        _ call: ClientCall, next: (ClientCall) async throws -> Result
    ) async throws -> Result

    /// Sees each request message before it is encoded; what it returns goes on, what it throws is thrown to the caller.
    func sending<M: Message>(_ message: M, of call: ClientCall) async throws -> M

    /// Sees each reply before the caller does; what it returns goes on, what it throws ends the call.
    func received<M: Message>(_ message: M, of call: ClientCall) async throws -> M
}

extension ClientInterceptor {
    public func intercept<Result: Sendable>(
        _ call: ClientCall, next: (ClientCall) async throws -> Result
    ) async throws -> Result { try await next(call) }
    public func sending<M: Message>(_ message: M, of call: ClientCall) async throws -> M { message }
    public func received<M: Message>(_ message: M, of call: ClientCall) async throws -> M { message }
}

/// A call that is about to be made, or under way, as an interceptor sees it.
public struct ClientCall: Sendable {
    public let method: MethodDescriptor
    /// Where the channel leads.
    public let destination: String
    /// The call that this one inherits from, if it is made in a handler.
    public let parent: Call?
    /// Metadata, timeout, record and all else; an interceptor gives `next` a call with other ones.
    public var options: CallOptions

    init(_ method: MethodDescriptor, to destination: String, under parent: Call?, _ options: CallOptions) {
        self.method = method
        self.destination = destination
        self.parent = parent
        self.options = options
    }
}
