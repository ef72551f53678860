import Exchange
import Membership
import MeshPolicy
import Policy
import Resilience
import ServiceKit
import Transport

/// How a sidecar is set up. Every value is valid: the initializer parses (`SidecarConfig+JSON.swift`).
///
/// With a control plane it joins, and learns who is there:
///
///     {"service": "course", "control": {"address": "127.0.0.1:4100", "trust_domain": "weft.local", "namespace": "default",
///      "join_token_file": "token", "roots_file": "roots.pem"},
///      "outbound": {"listen": "127.0.0.1:4140"},
///      "inbound": {"listen": "127.0.0.1:4143", "app": "unix:/run/course.sock"}, "admin": {"listen": "127.0.0.1:4191"}}
///
/// Alone it goes by what the file says:
///
///     {"service": "web", "identity": {"certificate_file": "o.crt", "key_file": "o.key", "roots_file": "ca.crt"},
///      "outbound": {"listen": "127.0.0.1:9100", "destinations": [
///        {"name": "*", "security": "mtls", "server_name": "inbound.mesh", "endpoints": ["127.0.0.1:9200"]}]}}
struct SidecarConfig {
    /// The mesh name of the service that the sidecar stands beside.
    var service: String
    var instance: String
    /// What the instance runs: `v2`. Splits choose by it; empty if nobody says.
    var version = ""
    var membership: Membership
    var outbound: Outbound?
    var inbound: Inbound?
    var admin: SocketAddress?
    /// Who frames HTTP/2: `native` or `nghttp2`; nil leaves it to the build.
    var http2: EngineChoice?
    /// What holds for all services; `policies` and the control plane may say otherwise of each.
    var policy = Policy()
    /// What the contract says of methods is overridden by this, by full method name (DESIGN §5).
    var methods: [String: MethodRules] = [:]
    /// What `policies` says of services, in the words of `weft apply`, on top of `policy` and `methods`.
    var policies: [String: ServiceRules] = [:]

    enum Membership {
        case control(Control)
        /// Certificates from files, renewed by somebody else.
        case files(IdentityFiles)
        /// Plaintext only.
        case none
    }

    struct Control {
        var address: SocketAddress
        var trustDomain: String
        var namespace: String
        /// The secret with which the sidecar joins.
        var joinToken: JoinToken
        var rootsFile: String

        enum JoinToken {
            case text(String)
            case file(String)
        }
    }

    struct IdentityFiles {
        var certificate: String
        var key: String
        var roots: String

        /// What the files hold, in PEM.
        struct Texts: Equatable {
            var certificate: String
            var key: String
            var roots: String

            func identity() throws -> Identity {
                try Identity.load(chainPEM: certificate, keyPEM: key, rootsPEM: roots)
            }
        }

        func read(from store: any FileStore) throws -> Texts {
            Texts(
                certificate: try store.readText(certificate), key: try store.readText(key),
                roots: try store.readText(roots))
        }
    }

    struct Outbound {
        var listen: SocketAddress
        var destinations: [Destination] = []
    }

    /// Where calls for one name go, if no control plane says it.
    struct Destination {
        /// What callers write into `:authority`; `*` takes every name that no other destination has.
        var name: String
        var endpoints: [Endpoint]
        var isSecure: Bool
        /// Whom to expect at the endpoints that do not say it themselves.
        var rule: PeerRule
    }

    struct Endpoint {
        var address: SocketAddress
        var identity: String?
    }

    struct Inbound {
        var listen: SocketAddress
        /// Where other members reach the listener; what it listens on if nil.
        var advertise: String?
        var isSecure: Bool
        var callers: PeerRule?
        /// Where the application listens, in plaintext, for its sidecar alone.
        var app: SocketAddress
    }

    struct Policy {
        var retry = RetryLayer.Limits()
        var breaker = CircuitBreaker.Limits()
        /// Calls in flight to one destination, whoever they are for (DESIGN §6).
        var destination = Bulkhead.Limits(inFlight: 1000, queue: 1000)
        /// Calls in flight of one method and caller.
        var method = Bulkhead.Limits()
        /// For calls whose caller and contract name no time; nil leaves them without.
        var deadline: Duration?
        var attemptTimeout: Duration?
        var authorization = RolesLayer.Mode.enforce
        /// The roles of callers, by SPIFFE id or by service name. The name of its service is always a caller's role.
        var roles: [String: [String]] = [:]
    }

    /// What holds for every service of which nobody says more.
    var baseRules: ServiceRules {
        var rules = ServiceRules()
        rules.retry = policy.retry
        rules.breaker = policy.breaker
        rules.destination = policy.destination
        rules.perCaller = policy.method
        rules.deadline = policy.deadline
        rules.attemptTimeout = policy.attemptTimeout
        rules.methods = methods
        return rules
    }

    /// Why a file cannot be used: every fault, one a line.
    struct Faults: Error {
        var lines: [String]
    }
}
