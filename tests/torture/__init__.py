"""Playbooks that are killed and throttled, and what must hold all the same."""
