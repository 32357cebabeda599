# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The media type of a file by its name, the same on every machine. Private to this collection."""

from __future__ import annotations

import mimetypes

# What Python does not know, knows since a later version only, or would take from the machine's own list.
_OWN = {
    ".avif": "image/avif",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
_COMPRESSED = {"br": "application/x-brotli", "bzip2": "application/x-bzip2", "gzip": "application/gzip"}
_KNOWN = mimetypes.MimeTypes(filenames=())
_KNOWN.types_map[True].update(_OWN)


def of(path: str) -> str:
    """The type, for text with its encoding; C(application/octet-stream) for what nobody knows."""
    found, compression = _KNOWN.guess_type(path.rpartition("/")[2])
    if compression:
        return _COMPRESSED.get(compression, "application/octet-stream")
    if found and found.startswith("text/"):
        return f"{found}; charset=utf-8"
    return found or "application/octet-stream"
