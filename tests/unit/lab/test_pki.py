"""The lab's certificate authority."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

from lab import config, pki


def test_an_authority_elsewhere_keeps_its_key_there_and_signs_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key once went to the running lab's place, which from then on issued what its authority did not vouch for."""
    monkeypatch.setattr(config, "PKI", tmp_path / "pki")
    monkeypatch.setattr(config, "CA_CERT", tmp_path / "pki/ca.pem")
    pki.ensure_authority()
    certificate, _key = pki.issue("db.example.com")
    assert sorted(file.name for file in (tmp_path / "pki").iterdir()) == ["ca.key", "ca.pem"]
    x509.load_pem_x509_certificate(certificate).verify_directly_issued_by(
        x509.load_pem_x509_certificate(config.CA_CERT.read_bytes())
    )
