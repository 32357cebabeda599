"""`watch.py URL SECONDS`: writes a user and reads the list, again and again; a line for each change that is seen."""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request

NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url: str, body: dict[str, str] | None = None) -> str:
    """The status of the answer, and the node of the database that gave it."""
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with NO_PROXY.open(request, timeout=10) as answer:
            return f"{answer.status} by {answer.headers['X-Served-By-Database']}"
    except urllib.error.HTTPError as error:
        return f"{error.code}"


def main(url: str, seconds: float) -> None:
    begin, before = time.monotonic(), ""
    while (now := time.monotonic() - begin) < seconds:
        seen = f"write {ask(url, {'name': 'Watch'})}"
        if seen != before:
            print(f"{now:5.1f} s  {seen},  read {ask(url)}", flush=True)
        before = seen
        time.sleep(0.2)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
