"""Fill in nginx.conf from the environment that the application has too, and write it to RUNTIME_DIRECTORY.

LISTEN, SOCKET, RUNTIME_DIRECTORY and CACHE_DIRECTORY come from the unit; MAX_UPLOAD_BYTES, CORS_ORIGINS and PROXY_CIDRS
(whose X-Forwarded-For counts; separated by commas, empty for nobody's) from /etc/flask-app/environment.
Runs with the system's own Python and needs nothing else.
"""

import ipaddress
import os
import re
import sys
from pathlib import Path

ENVELOPE = 64 * 1024  # what a form wraps around a file, as the application counts it
DEFAULTS = {"MAX_UPLOAD_BYTES": "16777216", "CORS_ORIGINS": "*", "PROXY_CIDRS": ""}
HEADERS = (
    "add_header X-Request-Id $followed always;",
    "add_header Access-Control-Allow-Origin $allowed_origin always;",
    'add_header Access-Control-Expose-Headers "Retry-After, X-Request-Id" always;',
    "add_header Vary Origin always;",
    "add_header Cache-Control no-store always;",
)


def values(environment):
    """What stands for each placeholder. ValueError with a sentence."""
    given = {**DEFAULTS, **{key: value for key, value in environment.items() if value}}
    if not re.fullmatch("[1-9][0-9]*", given["MAX_UPLOAD_BYTES"]):
        raise ValueError(f"MAX_UPLOAD_BYTES must be a whole number above 0, not {given['MAX_UPLOAD_BYTES']!r}.")
    most = int(given["MAX_UPLOAD_BYTES"])
    return {
        "RUN": given["RUNTIME_DIRECTORY"],
        "CACHE": given["CACHE_DIRECTORY"],
        "SOCKET": given["SOCKET"],
        "LISTEN": given["LISTEN"],
        "UPLOAD_BYTES": str(most + 2 * ENVELOPE),  # a little more: the application says exactly what is too much
        "UPLOAD_MIB": f"{most / 2**20:.3g}",
        "TRUST": " ".join(f"set_real_ip_from {network};" for network in _networks(given["PROXY_CIDRS"])),
        "ORIGINS": " ".join(_origins(given["CORS_ORIGINS"])),
        "HEADERS": " ".join(HEADERS),
    }


def _networks(text):
    for word in filter(None, re.split("[, ]+", text)):
        try:
            yield ipaddress.ip_network(word)
        except ValueError as error:
            raise ValueError(f"PROXY_CIDRS must be networks such as 10.0.0.0/16, not {word!r}.") from error


def _origins(text):
    """Lines of a map, from the page that asks to whom the answer allows."""
    origins = [origin.strip().rstrip("/") for origin in text.split(",")]
    for origin in origins:
        if not re.fullmatch(r"\*|[a-z][a-z0-9+.-]*://[A-Za-z0-9.:\[\]-]+", origin):
            raise ValueError(f"CORS_ORIGINS must be * or addresses such as https://demo.example, not {origin!r}.")
    if "*" in origins:
        return ['default "*";']
    return ['default "";', *(f'"{origin}" $http_origin;' for origin in origins)]


def main(environment):
    try:
        known = values(environment)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    text = Path(__file__).with_name("nginx.conf").read_text()
    for name, value in known.items():
        text = text.replace(f"@{name}@", value)
    Path(known["RUN"], "nginx.conf").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
