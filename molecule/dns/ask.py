"""Which name servers a name server says that a domain has: `ask.py <name server> <domain>`."""

from __future__ import annotations

import sys

from dnslib import DNSRecord

server, domain = sys.argv[1:]
answer = DNSRecord.parse(DNSRecord.question(domain, "NS").send(server, timeout=5))
print(*(str(record.rdata).rstrip(".") for record in answer.rr))
