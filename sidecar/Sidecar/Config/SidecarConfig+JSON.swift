import Descriptors
import Exchange
import MeshAPI
import MeshPolicy
import Policy
import Resilience
import Transport

extension SidecarConfig {
    /// Reads a file's text. `instance` and `advertise` are what the environment says: it knows more than a file can.
    init(json: [UInt8], instance: String? = nil, advertise: String? = nil) throws(Faults) {
        let tree: JSONTree
        do {
            tree = try JSONReader.read(json)
        } catch {
            throw Faults(lines: ["line \(error.line), column \(error.column): \(error.problem)"])
        }
        let faults = ConfigSection.Faults()
        let root = ConfigSection(tree, path: "", faults: faults)
        service = root.requiredText("service", "the mesh name of the service beside the sidecar")
        self.instance = root.text("instance") ?? "\(service)-1"
        version = root.text("version") ?? ""
        membership = .none
        readMembership(root)
        outbound = root.section("outbound").map(Outbound.init)
        inbound = root.section("inbound").map(Inbound.init)
        if let section = root.section("admin") {
            admin = section.parsed("listen", SocketAddress.parse)
            if !section.has("listen") { section.fault("listen", "it is missing: where /metrics and /ready are served") }
            section.end()
        }
        http2 = root.choice("http2", ["native": EngineChoice.native, "nghttp2": .nghttp2], default: nil)
        if let section = root.section("policy") { policy = Policy(section) }
        for (name, section) in root.namedSections("methods") {
            methods[name] = MethodRules(section)
        }
        readPolicies(root)
        root.end()
        if let instance { self.instance = instance }
        if let advertise { inbound?.advertise = advertise }
        if root.section("outbound") == nil, root.section("inbound") == nil {
            root.fault("outbound", "it is missing, and so is inbound: the sidecar would do nothing")
        }
        checkSecurity(root)
        if !faults.lines.isEmpty { throw Faults(lines: faults.lines) }
    }

    private mutating func readMembership(_ root: ConfigSection) {
        let control = root.section("control")
        let identity = root.section("identity")
        if let control {
            if identity != nil { root.fault("identity", "a member of a control plane gets its identity there") }
            if let value = Control(control) { membership = .control(value) }
        } else if let identity {
            membership = .files(IdentityFiles(identity))
        }
    }

    /// The words of `weft apply`, on top of what the rest of the file says.
    private mutating func readPolicies(_ root: ConfigSection) {
        guard let tree = root.value("policies") else { return }
        do {
            for service in try PolicyDocument(list: DocumentNode(tree)).policy.services {
                let (rules, faults) = ServiceRules.read(service, over: baseRules)
                policies[service.service] = rules
                for fault in faults { root.fault("policies", "\(fault)") }
            }
        } catch {
            for fault in error.all { root.fault("policies", "\(fault.path): \(fault.problem)") }
        }
    }

    /// mTLS without certificates would only fail at the first call.
    private func checkSecurity(_ root: ConfigSection) {
        guard case .none = membership, !root.has("control"), !root.has("identity") else { return }
        if inbound?.isSecure == true {
            root.fault("inbound.security", "mtls needs a control plane or an identity")
        }
        for (index, destination) in (outbound?.destinations ?? []).enumerated() where destination.isSecure {
            root.fault("outbound.destinations[\(index)].security", "mtls needs a control plane or an identity")
        }
    }
}

extension DocumentNode {
    /// Places are not known.
    fileprivate init(_ tree: JSONTree) {
        switch tree {
        case .null: self.init(.null)
        case .bool(let value): self.init(.bool(value))
        case .number(let number):
            // As whole numbers are written.
            self.init(.number(Int64(exactly: number).map(String.init) ?? "\(number)"))
        case .string(let text): self.init(.text(text))
        case .array(let items): self.init(.list(items.map { DocumentNode($0) }))
        case .object(let members):
            self.init(
                .object(members.map { Member(name: $0.name, place: Place(), value: DocumentNode($0.value)) }))
        }
    }
}

extension SidecarConfig.Control {
    init?(_ section: ConfigSection) {
        let address = section.parsed("address", SocketAddress.parse)
        if !section.has("address") { section.fault("address", "it is missing: where the control plane listens") }
        trustDomain = section.requiredText("trust_domain", "the first part of every SPIFFE id")
        namespace = section.text("namespace") ?? "default"
        rootsFile = section.requiredText("roots_file", "by whom the control plane is known")
        let token = section.text("join_token")
        let file = section.text("join_token_file")
        joinToken = .text("")
        switch (token, file) {
        case (let token?, nil): joinToken = .text(token)
        case (nil, let file?): joinToken = .file(file)
        case (nil, nil): section.fault("join_token", "it is missing, and so is join_token_file")
        default: section.fault("join_token", "join_token_file is given as well")
        }
        section.end()
        guard let address else { return nil }
        self.address = address
    }
}

extension SidecarConfig.IdentityFiles {
    init(_ section: ConfigSection) {
        certificate = section.requiredText("certificate_file", "the leaf and what leads to a root, PEM")
        key = section.requiredText("key_file", "the leaf's key, PEM")
        roots = section.requiredText("roots_file", "whom to believe, PEM")
        section.end()
    }
}

/// What stands for an address that could not be read; its fault is noted, and the configuration is not used.
private let unread = SocketAddress.ip("127.0.0.1", port: 0)

extension SidecarConfig.Outbound {
    init(_ section: ConfigSection) {
        listen = section.parsed("listen", SocketAddress.parse) ?? unread
        if !section.has("listen") { section.fault("listen", "it is missing: where the application sends its calls") }
        destinations = section.sections("destinations").map(SidecarConfig.Destination.init)
        section.end()
    }
}

extension SidecarConfig.Destination {
    init(_ section: ConfigSection) {
        name = section.requiredText("name", "what callers write into :authority, or *")
        isSecure = section.choice("security", ["mtls": true, "plaintext": false], default: true)
        rule = PeerRule(section, named: "server_name")
        endpoints = section.texts("endpoints").enumerated().compactMap { index, text in
            do {
                return SidecarConfig.Endpoint(address: try SocketAddress.parse(text), identity: nil)
            } catch {
                section.fault("endpoints[\(index)]", "\(error)")
                return nil
            }
        }
        if endpoints.isEmpty { section.fault("endpoints", "there must be one at least") }
        section.end()
    }
}

extension SidecarConfig.Inbound {
    init(_ section: ConfigSection) {
        listen = section.parsed("listen", SocketAddress.parse) ?? unread
        if !section.has("listen") { section.fault("listen", "it is missing: where other sidecars call") }
        advertise = section.text("advertise")
        isSecure = section.choice("security", ["mtls": true, "plaintext": false], default: true)
        callers = section.section("callers").map { PeerRule($0) }
        app = section.parsed("app", SocketAddress.parse) ?? unread
        if !section.has("app") { section.fault("app", "it is missing: where the application listens") }
        section.end()
    }
}

extension PeerRule {
    /// `{"spiffe": ID}`, `{"trust_domain": NAME}`, `{"dns_name": NAME}` or `{}` for anybody whom a root vouches for.
    fileprivate init(_ section: ConfigSection) {
        if let id = section.text("spiffe") {
            self = .spiffe(id)
        } else if let domain = section.text("trust_domain") {
            self = .anySpiffe(inDomain: domain)
        } else if let name = section.text("dns_name") {
            self = .dnsName(name)
        } else {
            self = .trusted
        }
        for name in ["spiffe", "trust_domain", "dns_name"] where !section.has(name) { _ = section.text(name) }
        section.end()
    }

    /// The same beside other settings of a destination.
    fileprivate init(_ section: ConfigSection, named serverName: String) {
        let name = section.text(serverName)
        let id = section.text("spiffe")
        let domain = section.text("trust_domain")
        switch (name, id, domain) {
        case (let name?, nil, nil): self = .dnsName(name)
        case (nil, let id?, nil): self = .spiffe(id)
        case (nil, nil, let domain?): self = .anySpiffe(inDomain: domain)
        case (nil, nil, nil): self = .trusted
        default:
            self = .trusted
            section.fault(serverName, "only one of \(serverName), spiffe and trust_domain may be given")
        }
    }
}

extension SidecarConfig.Policy {
    fileprivate init(_ section: ConfigSection) {
        self.init()
        if let retries = section.count("retries", in: 0...5) { retry.retries = retries }
        if let count = section.count("max_in_flight", in: 1...1_000_000) { method.inFlight = count }
        if let count = section.count("max_queue", in: 0...1_000_000) { method.queue = count }
        if let count = section.count("destination_max_in_flight", in: 1...1_000_000) { destination.inFlight = count }
        if let count = section.count("breaker_faults_in_row", in: 1...1000) { breaker.faultsInRow = count }
        deadline = section.duration("deadline")
        attemptTimeout = section.duration("attempt_timeout")
        authorization = section.choice("authorization", ["enforce": .enforce, "audit": .audit], default: .enforce)
        for (caller, held) in section.namedSections("roles") {
            roles[caller] = held.texts("roles")
            held.end()
        }
        section.end()
    }
}

extension MethodRules {
    fileprivate init(_ section: ConfigSection) {
        self.init()
        timeout = section.duration("timeout")
        attemptTimeout = section.duration("attempt_timeout")
        isIdempotent = section.flag("idempotent")
        maxInFlight = section.count("max_in_flight", in: 1...1_000_000)
        maxQueue = section.count("max_queue", in: 0...1_000_000)
        let roles = section.texts("roles")
        self.roles = section.has("roles") ? roles : nil
        section.end()
    }
}
