"""The demonstration application: users, products, orders and files over HTTP."""

from pathlib import Path

# A release says its version in one place, which the deployment reads too.
__version__ = Path(__file__).parents[1].joinpath("VERSION").read_text().strip()
