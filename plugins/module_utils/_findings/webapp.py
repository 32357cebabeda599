# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The web tier, from AWS's side. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils import _releases
from ansible_collections.threetier.aws.plugins.module_utils._findings import bad
from ansible_collections.threetier.aws.plugins.module_utils._findings import either
from ansible_collections.threetier.aws.plugins.module_utils._findings import good
from ansible_collections.threetier.aws.plugins.module_utils._findings import unknown

ORDER = 30
PLACES = ("dns", "listener", "targets", "group", "api", "page")
_AGAIN = "Run playbooks/webapp.yml."


def findings(seen: dict[str, Any], names: dict[str, str]) -> list[_findings.Finding]:
    """
    :param seen: results of the tasks that looked, by what they looked at.
    :param names: the names that follow from the stack's.
    """
    group = next(iter(seen["group"].get("results") or []), None)
    if group and _stopped(group):
        return [
            bad("group", names["group"], "The stack is stopped, by playbooks/stop.yml.", "Run playbooks/start.yml.")
        ]
    return [
        *_listener(seen, names),
        *_targets(seen["targets"], names),
        *_group(seen["group"], names["group"]),
        *_launches(seen, names["group"]),
        *_members(seen, names["group"]),
        *_versions(seen, names["group"]),
        *_answers(seen),
        _alarm(seen["alarm"], names["alarm"]),
    ]


def _stopped(group: dict[str, Any]) -> bool:
    """What stop.yml notes on the group is there, and it was not started since."""
    tags = group.get("tags") or []
    keys = set(tags) if isinstance(tags, dict) else {one.get("key", one.get("Key")) for one in tags}
    return "StoppedSize" in keys and group["desired_capacity"] == 0


def _launches(seen: dict[str, Any], name: str) -> list[Any]:
    """Whether the image is there that the group launches its instances from."""
    group = next(iter(seen["group"].get("results") or []), None)
    if group is None or _findings.unseen(seen["images"]) or _findings.unseen(seen["templates"]):
        return []
    runs = _releases.version(group)
    versions = [one for template in seen["templates"].get("launch_templates") or [] for one in template["versions"]]
    wanted = {
        one["launch_template_data"].get("image_id") for one in versions if str(one["version_number"]) == str(runs)
    }
    there = {one["image_id"] for one in seen["images"].get("images") or []}
    return [
        bad("group", f"{name} image", f"The image {image} that it launches from is gone: it can launch no instance.",
            f"{_AGAIN} It bakes the image again.")
        for image in sorted(wanted - there - {None})
    ]  # fmt: skip


def _members(seen: dict[str, Any], name: str) -> list[Any]:
    """The group's instances held against those that carry the tags by which inventory and patches find them."""
    group, looked = next(iter(seen["group"].get("results") or []), None), seen.get("instances") or {}
    if group is None or _findings.unseen(looked):
        return []
    roles = {one["instance_id"]: (one.get("tags") or {}).get("Role", "") for one in looked.get("instances") or []}
    members = [one["instance_id"] for one in group["instances"]]
    found = [
        bad("group", f"{name} {one}", f"Its tag Role is {roles.get(one) or 'missing'}, not webapp: inventory and "
            "patches pass it by.", f"aws ec2 create-tags --resources {one} --tags Key=Role,Value=webapp")
        for one in members if roles.get(one) != "webapp"
    ]  # fmt: skip
    found += [
        bad("group", f"{name} {one}", "It is tagged as one of the fleet and is not in the group: nobody heals, patches "
            "or replaces it.", f"aws autoscaling attach-instances --auto-scaling-group-name {name} "
            f"--instance-ids {one}, or aws ec2 terminate-instances --instance-ids {one}")
        for one, role in sorted(roles.items()) if role == "webapp" and one not in members
    ]  # fmt: skip
    return found or [good("group", f"{name} members", "All carry the tags by which they are found.")]


def _listener(seen: dict[str, Any], names: dict[str, Any]) -> list[Any]:
    name, result = names["load_balancer"], seen["load_balancer"]
    balancer = next(iter(result.get("load_balancers") or []), None)
    if balancer is None:
        if result.get("msg"):  # where there is none the module breaks without a word
            return [unknown("listener", name, f"It could not be looked at: {_findings.unseen(result)}")]
        return [bad("listener", name, "There is no such load balancer.", _AGAIN)]
    address = balancer["dns_name"]
    resolved = seen.get("resolved") or [{}]
    state = (balancer.get("state") or {}).get("code", "active")
    forwards = [one for one in balancer.get("listeners") or [] if names["target_group"] in str(one["default_actions"])]
    ports = ", ".join(str(one["port"]) for one in forwards)
    return [
        either(resolved[0].get("rc") == 0, "dns", address, "It has an address.",
               "This machine finds no address for it.", f"Try: getent hosts {address}. A new name takes minutes."),
        *_own_name(resolved),
        either(state == "active" and forwards, "listener", name, f"Port {ports} forwards to {names['target_group']}.",
               f"The load balancer is {state}." if state != "active"
               else "No listener forwards to the application: connections are refused.", _AGAIN),
    ]  # fmt: skip


def _own_name(looks: list[dict[str, Any]]) -> list[Any]:
    """
    Whether the API's own name leads to the load balancer.

    :param looks: for the load balancer's addresses, and then for those of the name if there is one.
    """
    if len(looks) < 2:
        return []
    balancers, own = ({line.split()[0] for line in one.get("stdout_lines") or []} for one in looks)
    name = looks[1]["item"]
    return [
        either(own & balancers, "dns", name, "It leads to the load balancer.",
               f"It leads to {', '.join(sorted(own))}, and not to the load balancer." if own else
               "This machine finds no address for it.",
               "Run playbooks/webapp.yml, or have its owner lead it to the load balancer.")
    ]  # fmt: skip


def _targets(result: dict[str, Any], names: dict[str, Any]) -> list[Any]:
    name = names["target_group"]
    if problem := _findings.unseen(result):
        return [unknown("targets", name, f"They could not be looked at: {problem}")]
    groups = result.get("target_groups") or []
    if not groups:
        return [bad("targets", name, "There is no such target group.", _AGAIN)]
    found = groups[0].get("targets_health_description") or []
    if not found:
        return [bad("targets", name, "No instance is registered: every request gets 503.", _AGAIN)]
    return [_target(one) for one in sorted(found, key=lambda one: one["target"]["id"])]


def _target(one: dict[str, Any]) -> dict[str, Any]:
    name, health = one["target"]["id"], one["target_health"]
    state = health["state"]
    why = health.get("description") or health.get("reason") or "no reason given"
    if state in ("healthy", "draining", "initial"):
        return good("targets", name, f"It is {state}.")
    return bad("targets", name, f"The load balancer finds it {state}: {why}.",
               f"Look at its unit, and at the openings between load balancer and instances. "
               f"ansible {name} -b -a 'journalctl -u flask-app -n 50'")  # fmt: skip


def _group(result: dict[str, Any], name: str) -> list[Any]:
    if problem := _findings.unseen(result):
        return [unknown("group", name, f"It could not be looked at: {problem}")]
    if not result.get("results"):
        return [bad("group", name, "There is no such Auto Scaling group.", _AGAIN)]
    group = result["results"][0]
    serving = [one for one in group["instances"] if one["lifecycle_state"] == "InService"]
    standby = [one["instance_id"] for one in group["instances"] if one["lifecycle_state"] == "Standby"]
    suspended = sorted(one.get("process_name", one.get("ProcessName", "")) for one in group["suspended_processes"])
    wanted = group["desired_capacity"]
    return [
        either(len(serving) >= wanted, "group", name, f"{len(serving)} of {wanted} instances are in service.",
               f"{len(serving)} of {wanted} instances are in service.",
               f"aws autoscaling describe-scaling-activities --auto-scaling-group-name {name} tells why."),
        either(not suspended, "group", f"{name} processes", "None is suspended.",
               f"Suspended, so that it does not heal or scale: {', '.join(suspended)}.",
               f"A patch that was cut off leaves it so: playbooks/patch.yml. Else: "
               f"aws autoscaling resume-processes --auto-scaling-group-name {name}"),
        either(not standby, "group", f"{name} standby", "No instance is on standby.",
               f"Taken out of service: {', '.join(standby)}.",
               f"A patch that failed or was cut off leaves hosts so: playbooks/patch.yml. Else: "
               f"aws autoscaling exit-standby --auto-scaling-group-name {name} --instance-ids {' '.join(standby)}"),
    ]  # fmt: skip


def _versions(seen: dict[str, Any], name: str) -> list[Any]:
    """Whether all instances are of the release that runs, or about to be."""
    group = next(iter(seen["group"].get("results") or []), None)
    if group is None:
        return []
    rollout = _releases.under_way(seen["refreshes"].get("instance_refreshes") or [])
    versions = [one for template in seen["templates"].get("launch_templates") or [] for one in template["versions"]]
    wanted = _releases.as_good(versions, seen["images"].get("images") or [], _releases.version(group))
    others = [one["instance_id"] for one in group["instances"] if _releases.version(one) not in wanted]
    if rollout:
        return [good("group", f"{name} versions", f"A rollout is under way: {rollout}.")]
    return [
        either(not others, "group", f"{name} versions", "All instances are of the version that runs.",
               f"A rollout was cut off: {', '.join(others)} is not of the version that runs.",
               f"{_AGAIN} Or go back: playbooks/rollback.yml."),
    ]  # fmt: skip


def _alarm(result: dict[str, Any], name: str) -> dict[str, Any]:
    if problem := _findings.unseen(result):
        return unknown("api", name, f"It could not be looked at: {problem}")
    alarm = next(iter(result.get("metric_alarms") or []), None)
    if alarm is None:
        return bad("api", name, "There is no such alarm: nobody is told of errors.", _AGAIN)
    why = _findings.first_line(alarm.get("state_reason") or "no reason given")
    return either(alarm["state_value"] != "ALARM", "api", name, "The load balancer counts few errors.",
                  f"The load balancer counts too many errors: {why}.",
                  "It ends a minute after the last of them; see what else is wrong.")  # fmt: skip


def _answers(seen: dict[str, Any]) -> list[Any]:
    alive, ready, page = seen["alive"], seen["ready"], seen["page"]
    if alive.get("skipped"):  # users ask the distribution, see `cdn`
        return []
    if alive.get("item") == "/":
        return [unknown("api", "/", "There is no load balancer to ask."), _answer("page", page, "the page", _AGAIN)]
    told = (ready.get("json") or {}).get("error") or _findings.first_line(ready.get("msg", "no answer"))
    return [
        _answer("api", alive, "/", "The process that answers is what to look at: targets and units."),
        either(ready.get("status") == 200, "api", f"{ready.get('url') or '/ready'}", "Database and AWS are reachable.",
               told, "The findings on application, database, secret and login say what it cannot reach."),
        _answer("page", page, "the page", _AGAIN),
    ]  # fmt: skip


def _answer(place: str, result: dict[str, Any], what: str, mend: str) -> dict[str, Any]:
    status = result.get("status")
    url = result.get("url") or what
    wrong = (
        f"It answers {status}." if status and status > 0 else f"No answer: {_findings.first_line(result.get('msg'))}"
    )
    return dict(either(status == 200, place, url, "It answers.", wrong, mend), address=result.get("url") or "")
