"""How long the fleet's daily work takes, by its size: with the inventory as it is, and with Ansible's defaults.

`make bench-fleet`, on a lab with a site. The defaults are five forks, no pipelining, and a way through the bastion that
no two hosts share. Both are measured in the same run, one after the other, so that their ratio means something.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[2]
BIN = TOP / ".venv/bin"
INVENTORY = "inventories/lab"
# What stands in inventories/ssh.yml, but for what makes the connection a lasting and shared one.
_UNSHARED = (
    '-o ProxyCommand="ssh -W %h:%p -i {{ threetier_ssh_private_key }} -o HostKeyAlias={{ threetier_bastion }}'
    " {{ threetier_ssh_trust }} {{ threetier_image['user'] }}@{{ hostvars[threetier_bastion]['ansible_host'] }}\""
)
PLAIN = {"threetier_ssh_hop": _UNSHARED, "ansible_pipelining": False, "ansible_ssh_retries": 0}
# Ansible's own defaults, but for what finds the hosts.
DEFAULTS = f"""
[defaults]
collections_path = {TOP}/.venv/collections
inventory_ignore_patterns = (\\.ssh|\\.cache)
[inventory]
enable_plugins = amazon.aws.aws_ec2, threetier.aws.fleet, ansible.builtin.yaml
"""
WORK = {
    "ping": ["ansible", "-i", INVENTORY, "webapp", "-m", "ansible.builtin.ping"],
    "gather": ["ansible", "-i", INVENTORY, "webapp", "-m", "ansible.builtin.setup", "-a", "gather_subset=min"],
    "patch (check)": ["ansible-playbook", "-i", INVENTORY, "playbooks/patch.yml", "--check"],
}


def measure(command: list[str], plain: bool, deadline: float) -> dict[str, Any]:
    """Run it with connections of its own; seconds, hosts that answered, hosts that did not."""
    with tempfile.TemporaryDirectory(prefix="t3", dir="/tmp") as place:
        environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_SSH_CONTROL_PATH_DIR": place}
        if plain:
            (Path(place) / "plain.cfg").write_text(DEFAULTS)
            environment["ANSIBLE_CONFIG"] = f"{place}/plain.cfg"
        more = ["-e", json.dumps(PLAIN)] if plain else []
        if command[0] == "ansible" and "setup" in command[-3]:
            more += ["--tree", place]  # a hundred hosts' facts are not worth printing
        begin = time.monotonic()
        done = subprocess.run(
            [BIN / command[0], *command[1:], *more],
            cwd=TOP, env=environment, capture_output=True, text=True, timeout=deadline, check=False,
        )  # fmt: skip
        seconds = time.monotonic() - begin
    lost = set(re.findall(r"^(i-\w+) \| UNREACHABLE", done.stdout, re.MULTILINE))
    lost |= set(re.findall(r"^(i-\w+)\s+:.* unreachable=[1-9]", done.stdout, re.MULTILINE))
    return {"seconds": round(seconds, 2), "code": done.returncode, "dropped": len(lost)}


def hosts() -> int:
    """How many the fleet has now."""
    said = subprocess.run(
        [BIN / "ansible-inventory", "-i", INVENTORY, "--list"], cwd=TOP, check=True, capture_output=True
    )
    return len(json.loads(said.stdout).get("webapp", {}).get("hosts", []))


def scale(size: int, most: int | None = None) -> None:
    """In steps: more hosts than some at once boot for longer than their group's grace period, on so few cores."""
    step = 5 * (os.cpu_count() or 1)
    for wanted in [*range(hosts() + step, size, step), size]:
        sizes = ["-e", f"scale_desired={wanted}", "-e", f"scale_max={max(most or 0, wanted)}", "-e", "scale_min=1"]
        subprocess.run([BIN / "ansible-playbook", "-i", INVENTORY, "playbooks/scale.yml", *sizes], cwd=TOP, check=True)


def table(found: list[dict[str, Any]]) -> str:
    lines = ["| hosts | work | s for each host | with defaults | ratio | logins dropped |", "|---|---|---|---|---|---|"]
    for row in found:
        ours, plain = row["ours"]["seconds"] / row["hosts"], row["plain"]["seconds"] / row["hosts"]
        dropped = f"{row['ours']['dropped']} / {row['plain']['dropped']}"
        lines.append(f"| {row['hosts']} | {row['work']} | {ours:.2f} | {plain:.2f} | {plain / ours:.1f} | {dropped} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2, 20, 100])
    parser.add_argument("--work", nargs="+", choices=list(WORK), default=list(WORK))
    parser.add_argument("--deadline", type=float, default=3600, help="seconds for one measurement")
    parser.add_argument("--output", type=Path, default=TOP / ".cache/bench/fleet.json")
    chosen = parser.parse_args()
    found: list[dict[str, Any]] = []
    before = hosts()
    try:
        for size in chosen.sizes:
            scale(size)
            # New hosts fetch their lists of packages first, which is the mirror's time and not Ansible's.
            if "patch (check)" in chosen.work:
                measure(WORK["patch (check)"], False, chosen.deadline)
            for work in chosen.work:
                row = {"hosts": size, "work": work}
                for way in ("ours", "plain"):
                    row[way] = measure(WORK[work], way == "plain", chosen.deadline)
                found.append(row)
                print(table(found).splitlines()[-1], flush=True)
                chosen.output.parent.mkdir(parents=True, exist_ok=True)
                chosen.output.write_text(json.dumps({"cores": os.cpu_count(), "rows": found}, indent=2))
    finally:
        scale(before, max(before, 3))  # as the demo has it
    text = table(found)
    chosen.output.with_suffix(".md").write_text(f"{text}\n")
    print(text)
    return int(any(row["ours"]["code"] or row["ours"]["dropped"] for row in found))


if __name__ == "__main__":
    sys.exit(main())
