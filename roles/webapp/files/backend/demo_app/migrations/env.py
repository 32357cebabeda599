"""How Alembic reaches the database: over the connection that holds the lock."""

from alembic import context
from demo_app.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
