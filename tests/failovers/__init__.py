"""Failovers of the database under load: nothing that was acknowledged may be lost, nothing may be there twice."""
