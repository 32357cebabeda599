"""The members of each Aurora cluster: name, role, zone, promotion tier, state. With `writer` or `reader`: one name."""

from __future__ import annotations

import sys

import boto3

rds = boto3.client("rds")
cluster = rds.describe_db_clusters()["DBClusters"][0]
instances = {one["DBInstanceIdentifier"]: one for one in rds.describe_db_instances()["DBInstances"]}
found = []
for member in cluster["DBClusterMembers"]:
    name = member["DBInstanceIdentifier"]
    role = "writer" if member["IsClusterWriter"] else "reader"
    zone, state = instances[name]["AvailabilityZone"], instances[name]["DBInstanceStatus"]
    found.append((name, role, zone, f"tier {member['PromotionTier']}", state))
if sys.argv[1:]:
    print(next(member[0] for member in sorted(found) if member[1] == sys.argv[1]))
else:
    for member in sorted(found):
        print("  ".join(member))
