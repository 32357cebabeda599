"""The lab's certificate authority: what Amazon's own, and that of RDS, are to AWS."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from . import config

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def ensure_authority() -> None:
    """Make the authority unless it is there."""
    if config.CA_CERT.exists() and _ca_key().exists():
        return
    config.PKI.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("threetier lab authority")
    certificate = (
        _builder(name, name, key, days=365)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(ca=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_secret(_ca_key(), _pem(key))
    config.CA_CERT.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def issue(host: str, *others: str, key: PrivateKey | None = None, days: int = 90) -> tuple[bytes, bytes]:
    """A server certificate for host names or addresses and its key, both PEM.

    :param host: the one that the certificate's subject names.
    :param key: of the certificate; if not given, a new one of P-256.
    """
    authority = x509.load_pem_x509_certificate(config.CA_CERT.read_bytes())
    ca_key = serialization.load_pem_private_key(_ca_key().read_bytes(), password=None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)  # as ensure_authority() makes it
    key = key or ec.generate_private_key(ec.SECP256R1())
    hosts = dict.fromkeys((host, *others))
    certificate = (
        _builder(_name(host[:64]), authority.subject, key, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(list(map(_alternative, hosts))), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), _pem(key)


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)


def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The WSGI application with the authority's certificate: the stand-in for the bundle that AWS publishes."""
    if not config.CA_CERT.is_file():
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"The lab has made no certificate authority yet.\n"]
    body = config.CA_CERT.read_bytes()
    start_response(
        "200 OK",
        [
            ("Content-Type", "application/x-pem-file"),
            ("Content-Length", str(len(body))),
        ],
    )
    return [body]


def _ca_key() -> Path:
    return config.PKI / "ca.key"


def _builder(subject: x509.Name, issuer: x509.Name, key: PrivateKey, days: int) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=ca, crl_sign=ca, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
