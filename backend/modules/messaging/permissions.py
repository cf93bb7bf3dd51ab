"""What people may do with conversations; with which ones is said by `queries.visible_to`."""

from backend.core.permissions import declare

USE = declare("messaging.use", "Write and read messages", roles={"manager", "sales", "user"})
