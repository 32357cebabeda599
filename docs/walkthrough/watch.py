"""`watch.py URL`: writes a user and reads the list of users, until another node of the database writes.

A line for each change of what is answered to a write. It gives up after two minutes.
"""

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
        return str(error.code)
    except OSError:
        return "not answered"


def main(url: str) -> None:
    begin, before, reads, failed = time.monotonic(), "", 0, 0
    writers: set[str] = set()
    while len(writers) < 2 and time.monotonic() < begin + 120:
        now, written, read = time.monotonic() - begin, ask(url, {"name": "Watch"}), ask(url)
        if written != before:
            print(f"{now:5.1f} s  write {written},  read {read}", flush=True)
        if " by " in written:
            writers.add(written)
        before, reads, failed = written, reads + 1, failed + (not read.startswith("200"))
        time.sleep(0.1)
    print(f"{reads} reads, {failed} failed")


if __name__ == "__main__":
    main(sys.argv[1])
