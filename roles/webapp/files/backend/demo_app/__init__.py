"""The demonstration application: users, products, orders and files over HTTP."""

__version__ = "1.0.0"
