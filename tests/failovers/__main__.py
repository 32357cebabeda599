"""make failovers: another node of the database takes over again and again under load; nothing acknowledged is lost."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from tests import api

from .clients import Readers, Writers
from .database import Database

WAYS = ("call", "kill", "kill-alone", "cut")
_BEFORE, _AFTER = 3.0, 3.0  # seconds of load around it


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="failovers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=4, help="failovers, of each way in turn (default: %(default)s)")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="(default: all)")
    parser.add_argument("--writes", type=float, default=50, help="a second (default: %(default)s)")
    parser.add_argument("--reads", type=float, default=200, help="a second (default: %(default)s)")
    parser.add_argument("--stack", default="demo-app", help="(default: %(default)s)")
    parser.add_argument("--url", help="of the API (default: that of the stack's load balancer)")
    wish = parser.parse_args(argv)
    lab = api.lab()
    client = api.client_of(lab["endpoint_url"], lab["access_key"], lab["secret_key"])
    database = Database(client, lab["endpoint_url"], wish.stack)
    url = wish.url or _address(client, wish.stack)
    rows = []
    print(f"{'way':<10}  {'no writes':>9}  {'acknowledged':>12}  lost  twice  {'reads':>6}  failed", flush=True)
    for number in range(wish.rounds):
        way = wish.ways[number % len(wish.ways)]
        rows.append(row := _fail_over(database, url, way, wish))
        print(
            f"{way:<10}  {row['gap']:>7.1f} s  {row['acknowledged']:>12}  {row['lost']:>4}  {row['twice']:>5}"
            f"  {row['reads']:>6}  {row['failed']:>6}",
            flush=True,
        )
    gaps = [row["gap"] for row in rows]
    print(f"  no writes: median {statistics.median(gaps):.1f} s, worst {max(gaps):.1f} s")
    lost, twice = (sum(row[what] for row in rows) for what in ("lost", "twice"))
    print(f"  acknowledged writes lost: {lost}, rows there twice: {twice}")
    return 1 if lost or twice else 0


def _fail_over(database: Database, url: str, way: str, wish: argparse.Namespace) -> dict[str, Any]:
    database.settle()
    before, zone = database.writer(), database.zone_of_writer()
    with Writers(url, wish.writes) as writers, Readers(url, wish.reads) as readers:
        time.sleep(_BEFORE)
        {
            "call": database.call,
            "kill": database.kill,
            "kill-alone": database.kill_alone,
            "cut": lambda: database.cut_off(zone),
        }[way]()
        try:
            api.poll(lambda: database.writer() != before, deadline=120)
            known = len(writers.acknowledged)
            api.poll(lambda: len(writers.acknowledged) > known + wish.writes, deadline=120)
            time.sleep(_AFTER)
        finally:
            database.cut_off("")
    database.settle()
    stored = writers.stored()
    return {
        "gap": writers.longest_gap(),
        "acknowledged": len(writers.acknowledged),
        "lost": len(writers.acknowledged.keys() - stored.keys()),
        "twice": sum(count > 1 for count in stored.values()),
        "reads": readers.answers.total(),
        "failed": readers.failed,
    }


def _address(client: Any, stack: str) -> str:
    found = client("elbv2").describe_load_balancers(Names=[f"{stack}-alb"])["LoadBalancers"][0]
    return f"http://{found['DNSName']}"


if __name__ == "__main__":
    sys.exit(main())
