import Reactor
import Timebase

/// One caller's wish for a connection, from the queue to its answer.
///
///     waiting ──connection──▶ running ──answer──▶ done
///        │                       │
///        └── caller left, deadline, pool closed ──▶ done
final class Ticket: @unchecked Sendable {  // touched on its loop alone, once the loop has it
    enum Wish {
        /// Run a batch and give the connection back.
        case run(Batch, (BatchResult) -> Void)
        /// Hand the connection out.
        case hold((Result<Connection, PostgresFailure>) -> Void)
    }

    private enum State {
        case waiting
        case running(Connection)
        case done
    }

    let deadline: Instant?
    private var wish: Wish?
    private var state = State.waiting
    private var timer: LoopTimer?

    init(_ wish: Wish, before deadline: Instant?) {
        self.wish = wish
        self.deadline = deadline
    }

    var isDone: Bool {
        if case .done = state { true } else { false }
    }

    private var name: String {
        guard case .run(let batch, _) = wish else { return "" }
        switch batch {
        case .queries(let queries): return queries.first?.statement.name ?? ""
        case .script(let name, _): return name
        }
    }

    /// Gives up at `deadline`, or after `timeout` if there is none.
    func startTimer(_ loop: Loop, timeout: Duration) {
        let due = deadline ?? loop.now.advanced(by: timeout)
        timer = loop.schedule(at: due) { [self] in
            switch state {
            case .waiting:
                leave(PostgresFailure(.deadline, "no connection became free in time"))
            case .running:
                leave(PostgresFailure(.deadline, "the statement did not end in time"))
            case .done:
                break
            }
        }
    }

    /// Runs the wish on `connection`; `finished` is called when the connection is the pool's again, never for a wish to hold.
    func run(on connection: Connection, finished: @escaping () -> Void) {
        switch wish {
        case .run(let batch, _):
            state = .running(connection)
            connection.run(batch) { [self] result in
                finish(result)
                finished()
            }
            // The batch was abandoned: nobody hears its result, so the pool waits for the connection itself.
            onLeave = finished
        case .hold(let done):
            end()
            done(.success(connection))
        case nil:
            preconditionFailure("a ticket that is done runs nothing")
        }
    }

    /// The caller will not wait any longer.
    func leave(_ failure: PostgresFailure) {
        let left = state
        fail(failure)
        if case .running(let connection) = left {
            connection.abandon()
            onLeave?()
        }
        onLeave = nil
    }

    private var onLeave: (() -> Void)?

    func fail(_ failure: PostgresFailure) {
        guard !isDone else { return }
        let failure = failure.naming(name)
        let wish = self.wish
        end()
        switch wish {
        case .run(_, let done): done(.failure(failure))
        case .hold(let done): done(.failure(failure))
        case nil: break
        }
    }

    private func finish(_ result: BatchResult) {
        guard !isDone, case .run(_, let done) = wish else { return }
        end()
        onLeave = nil
        done(result)
    }

    private func end() {
        state = .done
        wish = nil
        timer?.cancel()
        timer = nil
    }
}
