import Bytes
public import ProtoWire

// What generated code calls. The bodies are inlined into it, so that codec and handler are specialised together: a unary
// call makes a task, a call and its stream, and nothing else of size; the closure of the generated code is inlined as well, which
// saves a frame and a switch of executors (1.5 % of an echo).
extension Router {
    @inlinable @inline(__always)
    public func unary<Request: Message, Reply: Message>(
        _ method: MethodDescriptor, _ handler: @escaping @Sendable (Request, Call) async throws -> Reply
    ) {
        add(method) { stream, message in
            let request: Request
            do throws(DecodeError) {
                request = try Request(decoding: message)
            } catch {
                return stream.refuse(Request.self, error)
            }
            stream.run(
                Task.immediate(executorPreference: stream.executor) {
                    do {
                        // Bound here, and not by whoever makes the task: so it lies in the task's own memory.
                        try await Call.$current.withValue(stream.call) {
                            if stream.isIntercepted {
                                try await stream.intercept {
                                    let request = try await stream.intercept(received: request)
                                    let reply = try await handler(request, stream.call)
                                    stream.keep(
                                        try await stream.intercept(sending: reply).encodedChunk(headroom: 5))
                                }
                                stream.finish()
                            } else {
                                stream.finish(try await handler(request, stream.call).encodedChunk(headroom: 5))
                            }
                        }
                    } catch {
                        stream.finish(throwing: error)
                    }
                })
        }
    }

    @inlinable @inline(__always)
    public func serverStreaming<Request: Message, Reply: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (Request, MessageWriter<Reply>, Call) async throws -> Void
    ) {
        add(method) { stream, message in
            let request: Request
            do throws(DecodeError) {
                request = try Request(decoding: message)
            } catch {
                return stream.refuse(Request.self, error)
            }
            stream.perform {
                let request = stream.isIntercepted ? try await stream.intercept(received: request) : request
                try await handler(request, stream.writer(), stream.call)
            }
        }
    }

    @inlinable @inline(__always)
    public func clientStreaming<Request: Message, Reply: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (MessageReader<Request>, Call) async throws -> Reply
    ) {
        add(method) { stream, _ in
            stream.perform {
                let reply = try await handler(stream.reader(), stream.call)
                stream.keep(
                    (stream.isIntercepted ? try await stream.intercept(sending: reply) : reply)
                        .encodedChunk(headroom: 5))
            }
        }
    }

    @inlinable @inline(__always)
    public func bidirectional<Request: Message, Reply: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (MessageReader<Request>, MessageWriter<Reply>, Call) async throws -> Void
    ) {
        add(method) { stream, _ in
            stream.perform { try await handler(stream.reader(), stream.writer(), stream.call) }
        }
    }
}
