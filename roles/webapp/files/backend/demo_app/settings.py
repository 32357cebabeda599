"""Settings, read from the environment and nowhere else; a field's name in capitals is its variable."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any, Self


class SettingsError(Exception):
    """Says in one sentence what is wrong with the environment."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """What it takes to reach the database; enough for a migration."""

    aws_region: str
    database_host: str
    database_port: int = 3306
    database_name: str
    database_secret_arn: str
    database_ca_bundle: str
    database_master_secret_arn: str = ""  # only where a migration runs
    migration_may_contract: bool = False  # as above: whether it may take away what the running release may need

    def __post_init__(self) -> None:
        if not os.access(self.database_ca_bundle, os.R_OK):
            raise SettingsError(f"DATABASE_CA_BUNDLE names {self.database_ca_bundle}, which cannot be read.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        fields = {field.name.upper(): field for field in dataclasses.fields(cls)}
        required = {name for name, field in fields.items() if field.default is dataclasses.MISSING}
        if missing := sorted(name for name in required if not environment.get(name)):
            raise SettingsError(f"Missing in the environment: {', '.join(missing)}.")
        given: dict[str, Any] = {
            name.lower(): _convert(name, environment[name], str(field.type))
            for name, field in fields.items()
            if environment.get(name)
        }
        return cls(**given)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings(DatabaseSettings):
    """What the application itself needs."""

    backend_bucket: str
    metadata_table: str
    database_reader_host: str = ""  # leads to the readers, at the same port; empty: there are none
    database_show_node: bool = False  # whether answers tell which node of the database gave them
    cors_origins: str = "*"  # or a list, separated by commas
    max_upload_bytes: int = 16 * 1024 * 1024

    def too_large(self) -> str:
        """What somebody is told whose file is larger than that."""
        return f"This is too large: a file may have up to {self.max_upload_bytes / 2**20:.3g} MiB."


def _convert(name: str, value: str, kind: str) -> str | int | bool:
    if kind == "bool":
        if value not in ("true", "false"):
            raise SettingsError(f"{name} must be true or false, not {value!r}.")
        return value == "true"
    if kind != "int":
        return value
    if not value.isdecimal() or not int(value):
        raise SettingsError(f"{name} must be a whole number above 0, not {value!r}.")
    return int(value)
