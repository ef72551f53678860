"""certificates.py FOLDER: an authority and a server's certificate from a library that Weft does not use."""
import datetime
import ipaddress
import pathlib
import sys

from contracts import SERVER_NAME
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

folder = pathlib.Path(sys.argv[1])
now = datetime.datetime.now(datetime.timezone.utc)


def name(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def make(subject, key, issuer, signer, extensions):
    builder = (
        x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1)))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256())


def write(file, certificate):
    (folder / file).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


authority_key = ec.generate_private_key(ec.SECP256R1())
write("ca.pem", make("interop authority", authority_key, "interop authority", authority_key, [
    (x509.BasicConstraints(ca=True, path_length=None), True)]))
key = ec.generate_private_key(ec.SECP256R1())
names = [x509.DNSName(SERVER_NAME), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
write("server.pem", make(SERVER_NAME, key, "interop authority", authority_key, [
    (x509.BasicConstraints(ca=False, path_length=None), True), (x509.SubjectAlternativeName(names), False)]))
(folder / "server.key").write_bytes(key.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
