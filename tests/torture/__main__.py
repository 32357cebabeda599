"""make torture: site.yml and teardown.yml are killed and throttled at random; nothing may be left, nothing twice."""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests import account, api

from .duplicates import duplicates
from .runs import Runs

# About as many changing calls as a whole run makes. A moment beyond the end lets the run end, which is no kill.
_CHANGES = {"site": (140, 75), "network": (45, 24)}  # of itself and of its teardown


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same moments (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="stacks built and torn down (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=3, help="kills of each playbook in a round (default: %(default)s)")
    parser.add_argument(
        "--every", type=int, default=3, help="in a last round, which call is throttled; 0: none of that"
    )
    parser.add_argument("--playbook", choices=["site", "network"], default="site", help="what is built (default: site)")
    parser.add_argument("--stack", default="torture", help="(default: %(default)s)")
    parser.add_argument("--lab", action="store_true", help="on the lab that runs, machines and all (`make lab`)")
    wish = parser.parse_args(argv)
    chance = random.Random(wish.seed)
    figures: dict[str, Any] = {"seed": wish.seed, "rounds": 0, "kills": 0, "throttled calls": 0}
    begin, problems, changes = time.monotonic(), [], _CHANGES[wish.playbook]
    with tempfile.TemporaryDirectory() as place, _region(wish.lab, Path(place)) as (endpoint, keys, options):
        client = api.client_of(endpoint, keys["access_key"], keys["secret_key"])
        environment = {} if wish.lab else api.paced()
        runs = Runs(endpoint, keys["access_key"], wish.stack, Path(place) / "run.log", environment, *options)
        down = ("-e", json.dumps({"teardown_confirm": wish.stack}))
        before = account.everything(client)
        for number in range(wish.rounds):
            for _ in range(wish.kills):
                _kill(runs, wish.playbook, chance.randrange(1, changes[0]))
            runs.to_the_end(wish.playbook)
            problems += duplicates(client, wish.stack)
            again = runs.to_the_end(wish.playbook)
            if again["changed"]:
                problems.append(
                    f"round {number + 1}: after the re-run one more still changed {again['changed']} things"
                )
            for _ in range(wish.kills):
                _kill(runs, "teardown", chance.randrange(1, changes[1]), *down)
            problems += _tear_down(runs, down, client, before)
            figures["rounds"] += 1
        if wish.every:
            runs.throttle(wish.every, wish.playbook)
            problems += duplicates(client, wish.stack)
            runs.throttle(wish.every, "teardown", *down)
            problems += _tear_down(runs, down, client, before)
        figures |= {"kills": runs.kills, "throttled calls": runs.throttled}
    figures["leftovers"] = sum("left" in problem for problem in problems)
    figures["duplicates"] = sum("twice" in problem for problem in problems)
    figures["seconds"] = round(time.monotonic() - begin)
    print("\n".join([*problems, *(f"  {name}: {value}" for name, value in figures.items())]))
    return 1 if problems else 0


def _kill(runs: Runs, playbook: str, changes: int, *options: str) -> None:
    killed = runs.kill(playbook, changes, *options)
    print(f"{playbook}.yml: killed after {changes} changes{'' if killed else ', but it had ended before'}", flush=True)


def _tear_down(runs: Runs, options: tuple[str, ...], client: Any, before: dict[str, list[str]]) -> list[str]:
    """To the end, whose sweep finds nothing; then the account is compared with what it was, tags or no tags."""
    runs.to_the_end("teardown", *options)
    after = account.difference(before, account.everything(client))
    return [f"left: {question}: {said}" for question, said in after.items()]


@contextlib.contextmanager
def _region(lab: bool, place: Path) -> Iterator[tuple[str, dict[str, str], tuple[str, ...]]]:
    """Endpoint, keys, and what ansible-playbook is given: of the lab that runs, or of an API made for it."""
    if lab:
        aws = api.lab()
        yield aws["endpoint_url"], aws, ("-i", "inventories/lab")
        return
    with api.serve() as endpoint:
        alone = (*api.NO_HOSTS, "-e", json.dumps(api.NO_MACHINES))
        yield endpoint, api.KEYS, ("-i", str(api.make_inventory(place / "lab", endpoint)), *alone)


if __name__ == "__main__":
    sys.exit(main())
