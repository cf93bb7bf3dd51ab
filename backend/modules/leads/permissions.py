"""What people may do with leads; with which ones is said by `queries.visible_to`."""

from backend.core.permissions import declare

VIEW = declare("leads.view", "Read leads", roles={"manager", "sales"})
VIEW_ALL = declare("leads.view_all", "See the leads of everybody", roles={"manager"})
ADD = declare("leads.add", "Create leads", roles={"manager", "sales"})
CHANGE = declare("leads.change", "Change leads", roles={"manager", "sales"})
ASSIGN = declare("leads.assign", "Assign leads", roles={"manager"})
DELETE = declare("leads.delete", "Delete leads", roles={"manager"})
ADMIN_NOTES = declare("leads.admin_notes", "Write the administration's notes on leads", roles={"manager"})
EXPORT = declare("leads.export", "Export leads", roles={"manager", "sales"})
SETTINGS = declare("leads.settings", "Say how leads come in and whose they become", roles={"manager"})
