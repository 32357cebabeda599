"""Secrets Manager: which version of a secret is given to whom asks, and which versions there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend
from moto.secretsmanager.responses import SecretsManagerResponse

from ...monkeypatch import wrap


def give_the_current_version(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """moto gives the version that was current last by itself, also after UpdateSecretVersionStage."""

    def get_secret_value(
        self: SecretsManagerBackend, secret_id: str, version_id: str | None, version_stage: str | None
    ) -> dict[str, Any]:
        return original(self, secret_id, version_id, version_stage or (None if version_id else "AWSCURRENT"))

    return get_secret_value


def name_labelled_versions(original: Callable[[FakeSecret], dict[str, Any]]) -> Callable[[FakeSecret], dict[str, Any]]:
    """AWS says nothing of a version without label where it describes the secret."""

    def form(self: FakeSecret) -> dict[str, Any]:
        return {version: stages for version, stages in original(self).items() if stages}

    return form


def list_versions(_original: Any) -> Callable[[SecretsManagerResponse], str]:
    """By their age, and those without label only if IncludeDeprecated asks for them."""

    def list_secret_version_ids(self: SecretsManagerResponse) -> str:
        secret = self.backend.secrets[self._get_param("SecretId")]
        every = self._get_param("IncludeDeprecated", if_none=False)
        versions = [
            {"VersionId": name, "VersionStages": one["version_stages"], "CreatedDate": one["createdate"]}
            for name, one in secret.versions.items()
            if every or one["version_stages"]
        ]
        return json.dumps({"ARN": secret.arn, "Name": secret.name, "Versions": versions})

    return list_secret_version_ids


def install(_machines: bool) -> None:
    wrap(SecretsManagerBackend, "get_secret_value", give_the_current_version)
    wrap(FakeSecret, "_form_version_ids_to_stages", name_labelled_versions)
    wrap(SecretsManagerResponse, "list_secret_version_ids", list_versions)
