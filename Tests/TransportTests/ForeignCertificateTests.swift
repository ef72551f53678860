import Testing

@testable import Transport

/// Certificates that our own authority does not make: from `openssl req -x509`, with the names and uses that a row says.
struct ForeignCertificate: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let objection: String?
    let pem: String
}

@Suite("The rules of SPIFFE")
struct ForeignCertificateTests {
    @Test("judge a certificate with", arguments: foreignCertificates)
    func objections(_ row: ForeignCertificate) throws {
        let certificate = try Certificate(pem: row.pem)
        #expect(PeerRule.spiffe("spiffe://weft.local/a").objection(to: certificate)?.text == row.objection)
        #expect(PeerRule.anySpiffe(inDomain: "weft.local").objection(to: certificate)?.text == row.objection)
        #expect((certificate.spiffeID == nil) == (row.objection?.contains("name") == true))
    }
}

private let foreignCertificates: [ForeignCertificate] = [
    ForeignCertificate(
        testDescription: "two URI names",
        objection: "it has 2 URI names and must have exactly one",
        pem: """
            -----BEGIN CERTIFICATE-----
            MIIBwDCCAWagAwIBAgIUIJislN24pC038+aNI8SIjOoKxTUwCgYIKoZIzj0EAwIw
            EjEQMA4GA1UEAwwHdHdvVVJJczAgFw0yNjExMjEwNjEyMTNaGA8yMTI2MTAyODA2
            MTIxM1owEjEQMA4GA1UEAwwHdHdvVVJJczBZMBMGByqGSM49AgEGCCqGSM49AwEH
            A0IABEPHLWUCICBn3SxkzPdYOs1UUpwpT33i06n2GFw8oTiTVArZAHArUYfGY9Z6
            29ID/YBZ5HxW0lsSShVEHRttKCCjgZcwgZQwHQYDVR0OBBYEFLq1WPhNoi4nxeca
            Ae2BP8I9MOUNMB8GA1UdIwQYMBaAFLq1WPhNoi4nxecaAe2BP8I9MOUNMDQGA1Ud
            EQQtMCuGFXNwaWZmZTovL3dlZnQubG9jYWwvYYYSaHR0cHM6Ly94LmV4YW1wbGUv
            MAwGA1UdEwEB/wQCMAAwDgYDVR0PAQH/BAQDAgeAMAoGCCqGSM49BAMCA0gAMEUC
            IQCeQzIGan9+6QITGr0fVwUxP4iFfUgYSL5kwvwrzRLrAwIgFQLj+FUt52YE2LUd
            UlTXjGmSAdhn3qlNFaLRogi/6/U=
            -----END CERTIFICATE-----
            """),
    ForeignCertificate(
        testDescription: "the same URI name twice",
        objection: "it has 2 URI names and must have exactly one",
        pem: """
            -----BEGIN CERTIFICATE-----
            MIIBzjCCAXOgAwIBAgIUdxr6gQeaCP/sOSGT1dycvMtpvk4wCgYIKoZIzj0EAwIw
            FzEVMBMGA1UEAwwMdHdpY2VUaGVTYW1lMCAXDTI2MTEyMTA2MTIxM1oYDzIxMjYx
            MDI4MDYxMjEzWjAXMRUwEwYDVQQDDAx0d2ljZVRoZVNhbWUwWTATBgcqhkjOPQIB
            BggqhkjOPQMBBwNCAARDxy1lAiAgZ90sZMz3WDrNVFKcKU994tOp9hhcPKE4k1QK
            2QBwK1GHxmPWetvSA/2AWeR8VtJbEkoVRB0bbSggo4GaMIGXMB0GA1UdDgQWBBS6
            tVj4TaIuJ8XnGgHtgT/CPTDlDTAfBgNVHSMEGDAWgBS6tVj4TaIuJ8XnGgHtgT/C
            PTDlDTA3BgNVHREEMDAuhhVzcGlmZmU6Ly93ZWZ0LmxvY2FsL2GGFXNwaWZmZTov
            L3dlZnQubG9jYWwvYTAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIHgDAKBggq
            hkjOPQQDAgNJADBGAiEAy0OcaeSPfFF6sfmaP22MaDlyNjKliRrySWSlEU79YS4C
            IQCQH6eP6MYvCKG5Nj6buck1QgJ11xP0pKOYnys8R3NGjQ==
            -----END CERTIFICATE-----
            """),
    ForeignCertificate(
        testDescription: "no URI name",
        objection: "it has 0 URI names and must have exactly one",
        pem: """
            -----BEGIN CERTIFICATE-----
            MIIBmzCCAUCgAwIBAgIUden7Ynh7HaPeBa7PtkWVnygH/A8wCgYIKoZIzj0EAwIw
            EDEOMAwGA1UEAwwFbm9VUkkwIBcNMjYxMTIxMDYxMjEzWhgPMjEyNjEwMjgwNjEy
            MTNaMBAxDjAMBgNVBAMMBW5vVVJJMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
            Q8ctZQIgIGfdLGTM91g6zVRSnClPfeLTqfYYXDyhOJNUCtkAcCtRh8Zj1nrb0gP9
            gFnkfFbSWxJKFUQdG20oIKN2MHQwHQYDVR0OBBYEFLq1WPhNoi4nxecaAe2BP8I9
            MOUNMB8GA1UdIwQYMBaAFLq1WPhNoi4nxecaAe2BP8I9MOUNMBQGA1UdEQQNMAuC
            CWEuZXhhbXBsZTAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIHgDAKBggqhkjO
            PQQDAgNJADBGAiEA3XpbiP72GGe9ojwgq8U4dWeB+PUHpIi82OY2k31cS4ICIQDZ
            6VQTzrACIDAqukZ53Opt3yb5SaZnjCUyQX+odf0aoA==
            -----END CERTIFICATE-----
            """),
    ForeignCertificate(
        testDescription: "a URI of another scheme",
        objection: "its name https://weft.local/a is not a SPIFFE id",
        pem: """
            -----BEGIN CERTIFICATE-----
            MIIBszCCAVigAwIBAgIUTcKP8Pwm8kFSTNI1tToYikSE2m4wCgYIKoZIzj0EAwIw
            FjEUMBIGA1UEAwwLb3RoZXJTY2hlbWUwIBcNMjYxMTIxMDYxMjEzWhgPMjEyNjEw
            MjgwNjEyMTNaMBYxFDASBgNVBAMMC290aGVyU2NoZW1lMFkwEwYHKoZIzj0CAQYI
            KoZIzj0DAQcDQgAEQ8ctZQIgIGfdLGTM91g6zVRSnClPfeLTqfYYXDyhOJNUCtkA
            cCtRh8Zj1nrb0gP9gFnkfFbSWxJKFUQdG20oIKOBgTB/MB0GA1UdDgQWBBS6tVj4
            TaIuJ8XnGgHtgT/CPTDlDTAfBgNVHSMEGDAWgBS6tVj4TaIuJ8XnGgHtgT/CPTDl
            DTAfBgNVHREEGDAWhhRodHRwczovL3dlZnQubG9jYWwvYTAMBgNVHRMBAf8EAjAA
            MA4GA1UdDwEB/wQEAwIHgDAKBggqhkjOPQQDAgNJADBGAiEA7eXyIb8vadw02v8S
            9DMULtEBwCDzfgibg7i8qzK6zJQCIQD37QK5g1E5QWhxQWs2rIvInCRjwkUEQqtx
            Grh28meRBg==
            -----END CERTIFICATE-----
            """),
    ForeignCertificate(
        testDescription: "a service that is an authority",
        objection: "it may sign others, as no service's may",
        pem: """
            -----BEGIN CERTIFICATE-----
            MIIBszCCAVmgAwIBAgIUPbZp656NYGdveD0yx1ZKU0I4p94wCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJYXV0aG9yaXR5MCAXDTI2MTEyMTA2MTIxM1oYDzIxMjYxMDI4
            MDYxMjEzWjAUMRIwEAYDVQQDDAlhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAARDxy1lAiAgZ90sZMz3WDrNVFKcKU994tOp9hhcPKE4k1QK2QBwK1GH
            xmPWetvSA/2AWeR8VtJbEkoVRB0bbSggo4GGMIGDMB0GA1UdDgQWBBS6tVj4TaIu
            J8XnGgHtgT/CPTDlDTAfBgNVHSMEGDAWgBS6tVj4TaIuJ8XnGgHtgT/CPTDlDTAg
            BgNVHREEGTAXhhVzcGlmZmU6Ly93ZWZ0LmxvY2FsL2EwDwYDVR0TAQH/BAUwAwEB
            /zAOBgNVHQ8BAf8EBAMCB4AwCgYIKoZIzj0EAwIDSAAwRQIgNwXwgz+Snnk17nhr
            9rcvjyiBD5T4qx/XbyeMI4EmC2QCIQDRlc/v/zNj0RKtMEiQrJ+t+eq0EWy8JETp
            rRZJQTcUbw==
            -----END CERTIFICATE-----
            """),
    ForeignCertificate(
        testDescription: "a service that may sign certificates",
        objection: "it may sign others, as no service's may",
        pem: """
            -----BEGIN CERTIFICATE-----
            MIIBqTCCAVCgAwIBAgIUH+FPLW0JpKlxNoeI78OaoR+gNXUwCgYIKoZIzj0EAwIw
            ETEPMA0GA1UEAwwGc2lnbmVyMCAXDTI2MTEyMTA2MTIxM1oYDzIxMjYxMDI4MDYx
            MjEzWjARMQ8wDQYDVQQDDAZzaWduZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
            AARDxy1lAiAgZ90sZMz3WDrNVFKcKU994tOp9hhcPKE4k1QK2QBwK1GHxmPWetvS
            A/2AWeR8VtJbEkoVRB0bbSggo4GDMIGAMB0GA1UdDgQWBBS6tVj4TaIuJ8XnGgHt
            gT/CPTDlDTAfBgNVHSMEGDAWgBS6tVj4TaIuJ8XnGgHtgT/CPTDlDTAgBgNVHREE
            GTAXhhVzcGlmZmU6Ly93ZWZ0LmxvY2FsL2EwDAYDVR0TAQH/BAIwADAOBgNVHQ8B
            Af8EBAMCAoQwCgYIKoZIzj0EAwIDRwAwRAIgIKJlpfQODg9Lv6YbHkG/cXcPBC6I
            agqphgAkOjbWIJICIBEXL+HX0Z1R89Qks98btfA2wJ4I71y75wsq6DDu9Wss
            -----END CERTIFICATE-----
            """),
    ForeignCertificate(
        testDescription: "a service that may sign revocation lists",
        objection: "it may sign others, as no service's may",
        pem: """
            -----BEGIN CERTIFICATE-----
            MIIBsjCCAVigAwIBAgIUX+K1IboHh5FmOztGgS/P6bY8UmwwCgYIKoZIzj0EAwIw
            FTETMBEGA1UEAwwKbGlzdFNpZ25lcjAgFw0yNjExMjEwNjEyMTNaGA8yMTI2MTAy
            ODA2MTIxM1owFTETMBEGA1UEAwwKbGlzdFNpZ25lcjBZMBMGByqGSM49AgEGCCqG
            SM49AwEHA0IABEPHLWUCICBn3SxkzPdYOs1UUpwpT33i06n2GFw8oTiTVArZAHAr
            UYfGY9Z629ID/YBZ5HxW0lsSShVEHRttKCCjgYMwgYAwHQYDVR0OBBYEFLq1WPhN
            oi4nxecaAe2BP8I9MOUNMB8GA1UdIwQYMBaAFLq1WPhNoi4nxecaAe2BP8I9MOUN
            MCAGA1UdEQQZMBeGFXNwaWZmZTovL3dlZnQubG9jYWwvYTAMBgNVHRMBAf8EAjAA
            MA4GA1UdDwEB/wQEAwIBgjAKBggqhkjOPQQDAgNIADBFAiEA5ylXh8bXV7v8vFmQ
            Oku1MnrK5kf1eNYsPuZLNLx68iECIFM/W//RnQfvs6w8nN/69pDfq0PTQZT8LPLE
            S+JQiYMN
            -----END CERTIFICATE-----
            """),
    ForeignCertificate(
        testDescription: "one URI name, and a DNS name beside it",
        objection: nil,
        pem: """
            -----BEGIN CERTIFICATE-----
            MIIBtDCCAVmgAwIBAgIUGx69T0JDpgg6501Vm2e30kUOQE8wCgYIKoZIzj0EAwIw
            EDEOMAwGA1UEAwwFc291bmQwIBcNMjYxMTIxMDYxMjEzWhgPMjEyNjEwMjgwNjEy
            MTNaMBAxDjAMBgNVBAMMBXNvdW5kMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
            Q8ctZQIgIGfdLGTM91g6zVRSnClPfeLTqfYYXDyhOJNUCtkAcCtRh8Zj1nrb0gP9
            gFnkfFbSWxJKFUQdG20oIKOBjjCBizAdBgNVHQ4EFgQUurVY+E2iLifF5xoB7YE/
            wj0w5Q0wHwYDVR0jBBgwFoAUurVY+E2iLifF5xoB7YE/wj0w5Q0wKwYDVR0RBCQw
            IoYVc3BpZmZlOi8vd2VmdC5sb2NhbC9hgglhLmV4YW1wbGUwDAYDVR0TAQH/BAIw
            ADAOBgNVHQ8BAf8EBAMCB4AwCgYIKoZIzj0EAwIDSQAwRgIhAJzRKT55Xl1SZuPR
            ZOcRoqn4W+x7pvq0hq2po8ddV3/SAiEA9GIx5UCfhV0ZjixOQyycy4+CICsqd98u
            +vmTxr1yZNw=
            -----END CERTIFICATE-----
            """),
]
