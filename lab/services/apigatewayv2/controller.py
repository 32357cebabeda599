"""The gateway's address on the lab's internet: one proxy for TLS, with a certificate for each name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ... import backends, config, netns, outside, pki
from ..elbv2.proxy import Proxy
from . import apis, domain_names, front

NAMESPACE = f"{config.PREFIX}gateway"
_DEVICE = "t3gateway"
_SOON = 0.3  # seconds until what is under way is looked at again
_GATEWAY = "gateway"  # the key of all of it


class Gateways:
    """There from the first API on."""

    workers = 1

    def __init__(self) -> None:
        self._own: dict[str, str] = {}  # certificates of AWS's names, PEM with key, by wildcard
        self._proxy = Proxy(NAMESPACE, config.RUN / "gateway")

    def keys(self) -> Iterable[str]:
        return [_GATEWAY] if apis.every() or self._proxy.pid else []

    def reconcile(self, _key: str) -> float | None:
        if not apis.every():
            self._proxy.stop()
            return None
        outside.ensure(NAMESPACE, _DEVICE, config.API_GATEWAY_ADDRESS)
        if self._proxy.pid and self._proxy.is_elsewhere():
            self._proxy.stop()
        files: dict[str, str] = {}
        listed = front.certificate_list(self._certificates(files))
        files["certificates.txt"] = listed
        text = front.render(
            address=config.API_GATEWAY_ADDRESS,
            admin_socket=str(self._proxy.socket),
            certificate_list=str(self._proxy.home / "certificates.txt"),
            api=(config.HOST_ADDRESS, config.API_PORT),
        )
        # what the list says counts as well for whether there is something new
        text += "".join(f"# {line}\n" for line in listed.splitlines())
        self._proxy.apply(text, files)
        return None if self._proxy.runs(text) else _SOON

    def status(self) -> list[dict[str, Any]]:
        behind = f"haproxy {self._proxy.pid or '-'} at {config.API_GATEWAY_ADDRESS}"
        return [
            {"resource": api.api_endpoint, "kind": "api", "state": "available", "behind": behind}
            for api in apis.every()
        ]

    def close(self) -> None:
        self._proxy.stop()
        netns.delete(NAMESPACE)

    def _certificates(self, files: dict[str, str]) -> dict[str, str]:
        """The file of the certificate for each name; the file's name changes with its content."""
        paths = {}
        for api in apis.every():
            wildcard = f"*.{apis.host_of(api).partition('.')[2]}"
            if wildcard not in self._own:
                self._own[wildcard] = "\n".join(part.decode() for part in pki.issue(wildcard))
            name = wildcard.removeprefix("*.")
            paths[wildcard] = self._file(f"{name}.pem", self._own[wildcard], files)
        for domain in domain_names.every():
            arn = domain_names.certificate_of(domain)
            _, _, _, region, account, _ = arn.split(":", 5)
            found = backends.backend("acm", region, account)._certificates.get(arn)
            if found is not None:
                parts = (found.cert, found.chain or b"", found.key)
                text = "\n".join(part.decode() if isinstance(part, bytes) else str(part) for part in parts)
                paths[domain.domain_name] = self._file(f"{arn.rpartition('/')[2]}.pem", text, files)
        return paths

    def _file(self, name: str, text: str, files: dict[str, str]) -> str:
        files[name] = text
        return str(self._proxy.home / name)
