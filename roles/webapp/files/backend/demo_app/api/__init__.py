"""Version 1 of the API: one file for each noun."""

from . import description, files, orders, products, users

ROUTES = (users.routes, products.routes, orders.routes, files.routes, description.routes)
