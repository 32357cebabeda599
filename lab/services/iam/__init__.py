"""IAM: whether a resource's policy lets somebody do something."""
