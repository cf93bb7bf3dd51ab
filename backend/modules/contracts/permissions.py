"""What people may do with contracts; with which ones is said by `queries.visible_to`."""

from backend.core.permissions import declare

VIEW = declare("contracts.view", "Read contracts", roles={"manager", "sales", "user"})
VIEW_ALL = declare("contracts.view_all", "See the contracts of every agent", roles={"manager"})
ADD = declare("contracts.add", "Create contracts", roles={"manager", "sales"})
CHANGE = declare("contracts.change", "Change contracts", roles={"manager", "sales"})
EXPORT = declare("contracts.export", "Export contracts", roles={"manager", "sales"})
SETTINGS = declare("contracts.settings", "Say what happens by itself with contracts", roles={"manager"})
