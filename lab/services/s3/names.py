"""Names in answers: encoded if the client asks for it, as every listing of S3 does; and none that XML cannot carry."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from moto.core import serialize
from moto.core.responses import ActionResult
from moto.s3.responses import S3Response

from ...monkeypatch import wrap

_ENCODED = ("Delimiter", "KeyMarker", "Marker", "NextKeyMarker", "NextMarker", "Prefix", "StartAfter")
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # for XML 1.0
_LISTINGS = ("ListObjects", "ListObjectsV2", "ListObjectVersions")


def encoded(result: dict[str, Any]) -> dict[str, Any]:
    """A listing with its names encoded as in a URL. moto encodes those of objects alone, if it does at all."""
    shown: dict[str, Any] = {key: quote(value) if key in _ENCODED and value else value for key, value in result.items()}
    for kind in ("Versions", "DeleteMarkers"):
        if kind in shown:
            shown[kind] = [{**one, "Key": quote(one["Key"])} for one in shown[kind]]
    return shown


def encode_if_asked(original: Any) -> Any:
    def serialized(self: S3Response, action_result: ActionResult) -> Any:
        result = action_result.result
        if self.data.get("Action") in _LISTINGS and isinstance(result, dict) and result.get("EncodingType") == "url":
            if self.data["Action"] == "ListObjectsV2":  # whose prefix moto has encoded
                result = {**encoded({**result, "Prefix": ""}), "Prefix": result.get("Prefix", "")}
            else:
                result = encoded(result)
                folders = result.get("CommonPrefixes") or []
                result["CommonPrefixes"] = [{"Prefix": quote(one["Prefix"])} for one in folders]
            action_result = ActionResult(result)
        return original(self, action_result)

    return serialized


class ReadableXml:
    """In the place of the module xmltodict: letters that no XML can carry, not even as a reference, are replaced."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)

    def unparse(self, *args: Any, **kwargs: Any) -> str:
        return _UNFIT.sub("\ufffd", self._module.unparse(*args, **kwargs))


def install(_machines: bool = False) -> None:
    wrap(S3Response, "serialized", encode_if_asked)
    wrap(serialize, "xmltodict", ReadableXml)
