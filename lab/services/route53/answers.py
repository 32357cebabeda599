"""What a name server says to a question, from the hosted zones as they are at that moment."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from dnslib import QTYPE, RCODE, RR, SOA, DNSRecord

from . import health_checks, zones

_ALIAS_TTL = 60  # seconds; what AWS gives for an alias of a load balancer or a distribution
_NEGATIVE_TTL = 900
_DEEPEST = 8  # names that lead from one to the next


@dataclasses.dataclass(frozen=True)
class View:
    """
    The zones that somebody sees, and what names outside of them mean.

    :param zones: the hosted zones, as moto keeps them; of two with one name the first counts.
    :param addresses: the IPv4 addresses of a name that AWS publishes, such as a load balancer's, without a final dot.
    :param serves: whether such a name has a target that would answer.
    :param passes: whether a health check, of this id, passes.
    """

    zones: Callable[[], Sequence[Any]]
    addresses: Callable[[str], Sequence[str]]
    serves: Callable[[str], bool]
    passes: Callable[[str], bool]

    def answer(self, question: DNSRecord) -> DNSRecord:
        """The reply: REFUSED for a name in no zone, NXDOMAIN for one that the zone does not have."""
        reply = question.reply(ra=0, aa=1)
        name, kind = str(question.q.qname).lower(), QTYPE[question.q.qtype]
        zone = self._zone_of(name)
        if zone is None:
            reply.header.aa, reply.header.rcode = 0, RCODE.REFUSED
            return reply
        reply.add_answer(*self._records(zone, name, kind, name, 0))
        if not reply.rr:
            if not _is_there(zone, name):
                reply.header.rcode = RCODE.NXDOMAIN
            reply.add_auth(_authority(zone))
        return reply

    def addresses_of(self, name: str) -> list[str]:
        """The IPv4 addresses of a name of the zones."""
        reply = self.answer(DNSRecord.question(name, "A"))
        return [str(record.rdata) for record in reply.rr if QTYPE[record.rtype] == "A"]

    def _zone_of(self, name: str) -> Any:
        holding = [zone for zone in self.zones() if f".{name}".endswith(f".{_dotted(zone.name)}")]
        return max(holding, key=lambda zone: len(zone.name), default=None)

    def _records(self, zone: Any, name: str, kind: str, owner: str, depth: int) -> Iterator[RR]:
        """
        :param owner: the name that the answer is given for: of an alias, the one that was asked.
        """
        if depth > _DEEPEST:
            return
        here = _named(zone, name)
        wanted = [record for record in here if record.type == kind]
        if not wanted and kind != "CNAME":
            for record in self._chosen([record for record in here if record.type == "CNAME"]):
                yield from _written(record, owner)
                target = record.records[0].lower()
                yield from self._behind(zone, target, kind, _dotted(target), depth, 60)
            return
        for record in self._chosen(wanted):
            if record.alias_target:
                target = record.alias_target["DNSName"].lower()
                yield from self._behind(zone, target, kind, owner, depth, _ALIAS_TTL)
            else:
                yield from _written(record, owner)

    def _behind(self, zone: Any, target: str, kind: str, owner: str, depth: int, ttl: int) -> Iterator[RR]:
        """What a name leads to, in one of the zones or among what AWS publishes. The asker follows all others."""
        inner = self._zone_of(_dotted(target))
        if inner is not None:
            yield from self._records(inner, _dotted(target), kind, owner, depth + 1)
        elif kind == "A":
            for address in self.addresses(target.rstrip(".")):
                yield from RR.fromZone(f"{owner} {ttl} IN A {address}")

    def _chosen(self, records: list[Any]) -> list[Any]:
        """Of the record sets of a name and type those that answer: by failover, by weight, or all."""
        by_role = {str(record.failover).upper(): record for record in records if record.failover}
        if by_role:
            order = [by_role[role] for role in ("PRIMARY", "SECONDARY") if role in by_role]
            return [next((record for record in order if self._healthy(record)), order[0])]
        weighted = [record for record in records if record.weight is not None]
        if not weighted:
            return records
        usable = [record for record in weighted if self._healthy(record) and int(record.weight)] or weighted
        return random.choices(usable, [int(record.weight) or 1 for record in usable])

    def _healthy(self, record: Any) -> bool:
        if record.health_check_id and not self.passes(record.health_check_id):
            return False
        target = record.alias_target
        if not target or not health_checks.yes(target.get("EvaluateTargetHealth")):
            return True
        return self.serves(target["DNSName"].lower().rstrip("."))


def _dotted(name: str) -> str:
    """As names are compared here: DNS knows no capitals."""
    return zones.absolute(name.lower())


def _named(zone: Any, name: str) -> list[Any]:
    """The records of a name, or of the nearest wildcard if the name itself has none."""
    by_name: dict[str, list[Any]] = {}
    for record in list(zone.rrsets):
        by_name.setdefault(_dotted(record.name).replace("\\052", "*"), []).append(record)
    if name in by_name:
        return by_name[name]
    labels = name.split(".")
    for start in range(1, len(labels) - 1):
        parent = ".".join(labels[start:])
        if found := by_name.get(f"*.{parent}"):
            return found
        if parent in by_name or parent == _dotted(zone.name):
            break  # a name that is there hides the wildcards above it
    return []


def _is_there(zone: Any, name: str) -> bool:
    """Whether the name has records of any type, or names below it have."""
    below = any(_dotted(record.name).endswith("." + name) for record in list(zone.rrsets))
    return below or bool(_named(zone, name))


def _written(record: Any, owner: str) -> list[RR]:
    lines = [f"{owner} {int(record.ttl or 300)} IN {record.type} {value}" for value in record.records]
    return [one for line in lines for one in RR.fromZone(line)]


def _authority(zone: Any) -> RR:
    """The zone's SOA record, by whose last number a resolver remembers that something is not there."""
    servers = zone.delegation_set.name_servers if zone.delegation_set else ["ns-0.awsdns-00.com"]
    soa = SOA(servers[0], "awsdns-hostmaster.amazon.com", (1, 7200, 900, 1209600, 86400))
    return RR(_dotted(zone.name), QTYPE.SOA, ttl=_NEGATIVE_TTL, rdata=soa)
