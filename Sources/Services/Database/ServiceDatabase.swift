import Logging
import Postgres
import Reactor
import ServiceKit

/// A service's own database, reachable and with its schema up to date.
struct ServiceDatabase: Sendable {
    let pool: PostgresPool
    /// How often the pool's state is looked at for `/metrics`.
    private static let sampling = Duration.seconds(5)

    /// Connects to the database that the settings name and applies what is missing of `migrations`.
    static func open(
        for service: String, _ migrations: [Migration], _ parts: ServiceProcess.Parts
    ) async throws(ProcessFault) -> ServiceDatabase {
        let url = try parts.databaseURL()
        let config: PostgresConfig
        do {
            config = try PostgresConfig(url, application: "\(service)-service")
        } catch {
            throw ProcessFault(
                error.message, hint: "correct DATABASE_URL or --database-url: postgres://user@host:5432/name",
                exitCode: 2)
        }
        let pool = PostgresPool(config, on: parts.loop)
        do {
            try await pool.ping()
        } catch {
            throw ProcessFault(
                "no connection to \(config.target): \(error.message)",
                hint: "start Postgres, or correct DATABASE_URL or --database-url")
        }
        do {
            for title in try await Migrator(migrations).run(on: pool) {
                parts.log.notice("the schema was changed", metadata: ["migration": "\(title)"])
            }
        } catch {
            throw ProcessFault("the schema of \(config.target) is not up to date: \(error)")
        }
        parts.context.onDrain("database") { done in
            pool.close()
            done()
        }
        let database = ServiceDatabase(pool: pool)
        database.sample(into: parts.context.metrics)
        return database
    }

    private func sample(into metrics: MetricsRegistry) {
        func gauge(_ state: String) -> MetricsRegistry.Gauge {
            metrics.gauge("weft_postgres_connections", "Connections to Postgres by what they do.", ["state": state])
        }
        let gauges = Gauges(
            busy: gauge("busy"), idle: gauge("idle"), dialling: gauge("dialling"),
            waiting: metrics.gauge("weft_postgres_waiting", "Calls that wait for a connection to Postgres."),
            failures: metrics.gauge("weft_postgres_dial_failures", "Connections to Postgres that could not be made."))
        repeatSampling(gauges)
    }

    private struct Gauges {
        let busy: MetricsRegistry.Gauge
        let idle: MetricsRegistry.Gauge
        let dialling: MetricsRegistry.Gauge
        let waiting: MetricsRegistry.Gauge
        let failures: MetricsRegistry.Gauge
    }

    private func repeatSampling(_ gauges: Gauges) {
        let statistics = pool.statistics
        gauges.busy.set(statistics.open - statistics.idle)
        gauges.idle.set(statistics.idle)
        gauges.dialling.set(statistics.dialling)
        gauges.waiting.set(statistics.waiting)
        gauges.failures.set(statistics.dialFailures)
        pool.loop.schedule(after: ServiceDatabase.sampling) { repeatSampling(gauges) }
    }
}
