import Validation

/// The formats with their edge cases.
enum FormatTable {
    static let all: [FormatTests.Format] = hosts + addresses + references + names

    private static let label63 = String(repeating: "a", count: 63)
    private static let host253 =
        Array(repeating: String(repeating: "b", count: 62), count: 4).joined(separator: ".") + ".c"
    private static let hostLetters = "aZ09-._:@[]/%é "

    private static let hosts: [FormatTests.Format] = [
        .init(
            name: "email", holds: { Rules.isEmail($0) },
            seeds: [
                "", "a@b", "foo@example.com", "a.b+c@x-y.z", ".@b", "a..b@c", "@b", "a@", "a", "a@b.", "a@.b", "a@-b",
                "a@b-",
                "a@b-c", "a@1", "a@1.2", "a@b@c", "a b@c", "\"a\"@b", "a@[127.0.0.1]", "a!#$%&'*+/=?^_`{|}~-@b",
                "a@\(label63)",
                "a@\(label63)a", "a@b..c", "é@b", "a@é", "a@b\n", "\(label63)\(label63)@b", "a@\(host253).\(host253)",
                "a(c)@b",
            ], alphabet: "aZ0.@-_+!#$%&'*/=?^`{|}~ \"(),:;<>[\\]é\n"),
        .init(
            name: "hostname", holds: { Rules.isHostname($0) },
            seeds: [
                "", "a", "a.b", "A-b.C", "a.", ".", "..", "a..", ".a", "-a", "a-", "a-.b", "a.-b", "1", "1.2", "1a.2",
                "a.1", "a.1b", "a.1.",
                "1.a", label63, label63 + "a", host253, host253 + ".", host253 + "d", host253 + "d.", "a_b", "é", "a b",
                "a\n", "xn--a.b",
                "127.0.0.1", "a.b.c.d.e", "example.com", "[::1]", "a:80",
            ], alphabet: hostLetters),
        .init(
            name: "host_and_port", holds: { Rules.isHostAndPort($0, portRequired: true) }, seeds: hostAndPort,
            alphabet: hostLetters),
        .init(
            name: "host_and_optional_port", holds: { $0.isEmpty || Rules.isHostAndPort($0, portRequired: false) },
            seeds: hostAndPort, alphabet: hostLetters),
    ]

    private static let hostAndPort = [
        "", "a:1", "a", "a:", ":1", ":", "a:0", "a:00", "a:01", "a:65535", "a:65536", "a:99999999999999999999", "a:-1",
        "a:+1", "a: 1",
        "127.0.0.1:80", "127.0.0.1", "256.0.0.1:80", "[::1]:80", "[::1]", "::1:80", "::1", "[::1", "::1]:80", "[]:80",
        "[127.0.0.1]:80",
        "[::1]80", "[::1]:", "[::1%eth0]:80", "[::1%]:80", "[::1]]:80", "[[::1]]:80", "[::1%a]b]:80", "[::1%a:80]",
        "a:b:1", "example.com:8080",
        "a.:80", "1.2:80", "[a]:80", "a_b:80", "[::1]:65535",
    ]

    private static let v4Letters = "0123456789./ -a"
    private static let v6Letters = "0123456789abcdefABCDEFg:.:%/ é\u{0}"

    private static let v4 = [
        "", "0.0.0.0", "1.2.3.4", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.00",
        "1.2.3.4 ", " 1.2.3.4",
        "1..2.3", "1.2.3.", ".1.2.3", "1.2.3.-4", "1.2.3.4a", "127.0.0.1", "192.168.0.255", "10.0.0.0", "0.0.0",
        "1.2.3.4\n",
    ]
    private static let v6 = [
        "", "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1::3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1::2::3", ":::", ":1", "1:", ":", "1:2:3:4:5:6:1.2.3.4", "::1.2.3.4",
        "::ffff:1.2.3.4",
        "1::1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5::1.2.3.4", "1:2:3:4:5:6::1.2.3.4", "1.2.3.4::", "::1.2.3.4:5",
        "::1.2.3",
        "::01.2.3.4", "12345::", "g::", "ABCD:ef01::", "fe80::1%eth0", "::1%", "::%1", "::1%a%b", "::1%é", "::1% ",
        "::1%\u{0}", "::1%25eth0",
        "::1 ", " ::1", "[::1]", "::1.2.3.4%z", "0000:0000:0000:0000:0000:0000:0000:0000", "00000::",
        "1:2:3:4:5:6:7:8%x", "2001:db8::ff00:42:8329",
    ]
    private static let v4Prefixes =
        v4.map { $0 + "/8" } + [
            "0.0.0.0/0", "1.2.3.4/32", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4", "/8", "1.2.3.4/08", "1.2.3.4/00",
            "10.0.0.0/8", "10.1.0.0/8", "1.2.3.4/-1",
            "1.2.3.4/8/8", "128.0.0.0/1", "192.0.0.0/1", "1.2.3.4/031", "255.255.255.254/31", "255.255.255.255/31",
            "1.2.3.4/+8", "1.2.3.4/ 8",
        ]
    private static let v6Prefixes =
        v6.map { $0 + "/48" } + [
            "::/0", "::/128", "::/129", "::1/128", "::1/127", "::1/0128", "::1/", "::1", "/1", "2001:db8::/32",
            "2001:db8:1::/32", "ffff::/16", "ffff::/15",
            "::1%a/64", "::1/64%a", "1:2:3:4::/64", "1:2:3:4:5::/64", "::ffff:1.2.3.0/120", "::ffff:1.2.3.4/120",
            "8000::/1", "::/+1", "::/00",
        ]

    private static let addresses: [FormatTests.Format] = [
        .init(name: "ip", holds: { Rules.isIP($0) }, seeds: v4 + v6, alphabet: v6Letters),
        .init(name: "ipv4", holds: { Rules.isIPv4($0) }, seeds: v4 + ["::1"], alphabet: v4Letters),
        .init(name: "ipv6", holds: { Rules.isIPv6($0) }, seeds: v6 + ["1.2.3.4"], alphabet: v6Letters),
        .init(
            name: "ip_with_prefixlen", holds: { Rules.isIPPrefix($0) }, seeds: v4Prefixes + v6Prefixes,
            alphabet: v6Letters),
        .init(name: "ipv4_with_prefixlen", holds: { Rules.isIPv4Prefix($0) }, seeds: v4Prefixes, alphabet: v4Letters),
        .init(name: "ipv6_with_prefixlen", holds: { Rules.isIPv6Prefix($0) }, seeds: v6Prefixes, alphabet: v6Letters),
        .init(
            name: "ip_prefix", holds: { Rules.isIPPrefix($0, strict: true) }, seeds: v4Prefixes + v6Prefixes,
            alphabet: v6Letters),
        .init(
            name: "ipv4_prefix", holds: { Rules.isIPv4Prefix($0, strict: true) }, seeds: v4Prefixes, alphabet: v4Letters
        ),
        .init(
            name: "ipv6_prefix", holds: { Rules.isIPv6Prefix($0, strict: true) }, seeds: v6Prefixes, alphabet: v6Letters
        ),
        .init(
            name: "address", holds: { Rules.isHostname($0) || Rules.isIP($0) }, seeds: v4 + v6 + ["a.b", "a-", "1.2"],
            alphabet: v6Letters),
    ]

    private static let uriLetters = "aZ09:/?#[]@!$&'()*+,;=-._~%20%C3%A9%ff\\^`{|}<> \"é\n"
    private static let uris = [
        "", "a:", "a:b", "http://a", "http://a/b?c#d", "http://a:80/", "http://a:/", "http://a:b/", "http://u@h",
        "http://u:p@h:1/p", "http://@h",
        "http://u@v@h", "http://[::1]", "http://[::1]:80/", "http://[::1", "http://::1", "http://[v1.x]",
        "http://[V1F.a:b]", "http://[v.x]",
        "http://[v1.]", "http://[vG.x]", "http://[v1.%20]", "http://[fe80::1%25eth0]", "http://[fe80::1%eth0]",
        "http://[fe80::1%25]", "http://[::1%25%C3%A9]",
        "http://[::1%25%ff]", "http://[::1%25é]", "http://[1.2.3.4]", "http://1.2.3.4", "http://256.1.1.1",
        "http://%C3%A9", "http://%ff", "http://%C3",
        "http://%C3a", "http://%ED%A0%80", "http://%F0%9F%98%80", "http://%F4%90%80%80", "http://%C0%80",
        "http://%E0%80%80", "http://%", "http://%2", "http://%zz",
        "http://a/%ff", "http://a/%2", "http://a?%ff", "http://a?%zz", "http://a#%ff", "http://a#b#c", "http://a?b?c",
        "http://a?/?", "http://a#/?",
        "http:///p", "http://", "http:/p", "http:p", "http:/", "http:////", "file:///etc", "mailto:a@b.c", "urn:isbn:1",
        "1a:b", "+a:b", "a+-.1:b", "a_b:c",
        ":b", "a", "/a", "//h/p", "//", "///", "?q", "#f", "a/b:c", "a:b/c", "./a:b", "../a", "a//b", "//u@h:1",
        "//h:x", "é", "http://é", "http://a/é",
        "http://a/ ", "http://a b", "http://a/<>", "http://a/[", "http://a?[", "http://a/\\", "http://a|b",
        "http://h\n", "http://-._~!$&'()*+,;=",
        "http://u%ff@h", "http://u%zz@h", "http://u[@h", "http://h:99999999999999999999", "http://[::1]x",
        "http://[::1]:80x", "http://[::ffff:1.2.3.4]/",
        "http://[:::]/", "http://[2001:db8::1]:443/a?b#c", "ftp://f.example/a;type=i", "news:x", "tel:+1-816-555-1212",
        "a:?", "a:#", "a:?#", "?#", "%", "%41", "a%41:b",
        "http://a@b:c@d", "http://h?a/b#c?d/e", "http://[::1%251]", "http://[%25]", "http://[::%2]", "@", "a@b",
        "a:@b:c", "::", "/:", "a/:", "@:",
    ]

    private static let references: [FormatTests.Format] = [
        .init(name: "uri", holds: { Rules.isURI($0) }, seeds: uris, alphabet: uriLetters),
        .init(name: "uri_ref", holds: { Rules.isURIRef($0) }, seeds: uris, alphabet: uriLetters),
    ]

    private static let uuid = "123e4567-E89b-12d3-a456-426614174000"
    private static let dotted = [
        "", "a", "a.b", "_a._1", "1a", "a.1", "a..b", ".a", ".a.b", "..a", "a.", ".", "A1_.b2", "a-b", "é", "a\n",
        "a b", ".1",
    ]
    private static let header = [
        "", "a", ":path", ":", "::", "a:", "Content-Type", "x,y", "x+y", "x.y", "x/y", "a b", "a\tb", "a\r", "a\n",
        "a\u{0}", "\u{1}", "\u{7F}", "é", "!#$%&'*+-.^_`|~",
        "a;b", "\"", "(", " a", "a\u{1F}", "a\u{8}\u{B}", "value with spaces", "\u{80}",
    ]

    private static let names: [FormatTests.Format] = [
        .init(
            name: "uuid", holds: { Rules.isUUID($0) },
            seeds: [
                "", uuid, uuid + "0", String(uuid.dropLast()), "{\(uuid)}", "123e4567e89b12d3a456426614174000",
                uuid + "\n",
            ],
            alphabet: "0aAfFgG-{} \n"),
        .init(
            name: "tuuid", holds: { Rules.isTUUID($0) },
            seeds: [
                "", "123e4567e89b12d3A456426614174000", uuid, "123e4567e89b12d3a45642661417400",
                "g23e4567e89b12d3a456426614174000",
            ],
            alphabet: "0aAfFgG- \n"),
        .init(
            name: "ulid", holds: { Rules.isULID($0) },
            seeds: [
                "", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
                "01arz3ndektsv4rrffq69g5fav",
            ],
            alphabet: "0789aAhHiIjJkKlLmMnNoOpPtTuUvVzZ_é"),
        .init(name: "protobuf_fqn", holds: { Rules.isProtobufName($0) }, seeds: dotted, alphabet: "aZ_09.- é"),
        .init(name: "protobuf_dot_fqn", holds: { Rules.isProtobufDotName($0) }, seeds: dotted, alphabet: "aZ_09.- é"),
        .init(
            name: "header_name", holds: { Rules.isHeaderName($0) }, seeds: header,
            alphabet: "aZ0:,;-+./ \t\n\u{0}\u{7F}é"),
        .init(
            name: "header_value", holds: { Rules.isHeaderValue($0) }, seeds: header,
            alphabet: "aZ0: \t\r\n\u{0}\u{1}\u{1F}\u{7F}é"),
        .init(
            name: "header_name_loose", holds: { Rules.isHeaderName($0, strict: false) }, seeds: header,
            alphabet: "aZ0:,; \t\r\n\u{0}\u{7F}é"),
        .init(
            name: "header_value_loose", holds: { Rules.isHeaderValue($0, strict: false) }, seeds: header,
            alphabet: "aZ0:,; \t\r\n\u{0}\u{7F}é"),
    ]
}
