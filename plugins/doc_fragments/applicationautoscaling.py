# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    # What names a scalable target.
    DOCUMENTATION = r"""
options:
  service_namespace:
    description: The service that the resource is of.
    type: str
    required: true
    choices: [appstream, cassandra, comprehend, custom-resource, dynamodb, ec2, ecs, elasticache, elasticmapreduce,
              kafka, lambda, neptune, rds, sagemaker, workspaces]
  resource_id:
    description: The resource, as in V(service/my-cluster/my-service) or V(cluster:my-aurora).
    type: str
    required: true
  scalable_dimension:
    description: What of it is scaled, as in V(ecs:service:DesiredCount) or V(rds:cluster:ReadReplicaCount).
    type: str
    required: true
"""
