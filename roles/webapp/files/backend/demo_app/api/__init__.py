"""Version 1 of the API: one file for each noun."""

from . import description, files, limits, orders, page, products, users

ROUTES = (users.routes, products.routes, orders.routes, files.routes, limits.routes, page.routes, description.routes)
