"""Certificates of a mesh's own authority and of others, right and wrong ones, from a library that Weft does not use."""
import dataclasses
import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DOMAIN = "weft.local"


def spiffe(service: str, domain: str = DOMAIN) -> str:
    return f"spiffe://{domain}/ns/default/sa/{service}"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def usage(**uses: bool) -> x509.KeyUsage:
    """What a key may be used for; everything that is not named it may not."""
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: uses.get(name, False) for name in names})


@dataclasses.dataclass
class Issuer:
    """Whoever signs: an authority, or a member that has no right to."""
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def load(cls, folder: pathlib.Path) -> "Issuer":
        """The authority of a running control plane."""
        return cls(
            x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes()),
            serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None))

    @classmethod
    def make(cls, name: str = f"{DOMAIN} mesh authority", domain: str = DOMAIN) -> "Issuer":
        """An authority; by default one that calls itself what the mesh's own does."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.timezone.utc)
        certificate = (
            x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(name)).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
            .add_extension(usage(key_cert_sign=True, crl_sign=True), True)
            .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"spiffe://{domain}")]), False)
            .sign(key, hashes.SHA256()))
        return cls(certificate, key)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def leaf(
        self, *uris: str, ca: bool = False, begins: int = -60, ends: int = 3600, purposes=(), dns: str | None = None,
        uses: x509.KeyUsage | None = usage(digital_signature=True), curve=ec.SECP256R1()
    ) -> "Identity":
        """A certificate that says what a test wants; `begins` and `ends` are seconds from now."""
        key = ec.generate_private_key(curve)
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder().subject_name(_name("made by a test")).issuer_name(self.certificate.subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(seconds=begins))
            .not_valid_after(now + datetime.timedelta(seconds=ends))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), True))
        names = [x509.UniformResourceIdentifier(uri) for uri in uris] + ([x509.DNSName(dns)] if dns else [])
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), False)
        if uses:
            builder = builder.add_extension(uses, True)
        return Identity(builder.sign(self.key, hashes.SHA256()), key)


@dataclasses.dataclass
class Identity:
    """A certificate with its key."""
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: str = ""

    def signs(self, *uris: str) -> "Identity":
        """A certificate that this one's holder signs, as if it were an authority."""
        identity = Issuer(self.certificate, self.key).leaf(*uris)
        identity.chain = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        return identity

    def write(self, folder: pathlib.Path, name: str) -> tuple[pathlib.Path, pathlib.Path]:
        certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
        certificate.write_text(self.certificate.public_bytes(serialization.Encoding.PEM).decode() + self.chain)
        key.write_bytes(self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return certificate, key
