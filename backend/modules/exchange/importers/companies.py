from backend.modules.companies import actions, queries
from backend.modules.exchange.importers.base import Importer, Result, with_notes
from backend.modules.exchange.mapping import Record


class CompanyImporter(Importer):
    """A company is recognised by its name, without regard to case and white space; the name then stays as it is."""

    def take(self, record: Record) -> Result:
        fields = dict(record.values)
        if "name" not in fields:
            raise record.refused("name", "is empty")
        found = queries.find_by_exact_name(self.actor, fields["name"])
        with_notes(record, fields, found.notes if found else "")
        if found is None:
            actions.create(self.actor, **fields)  # type: ignore[typeddict-item]
            return "created"
        del fields["name"]
        changed = actions.update(self.actor, found.pk, **fields)  # type: ignore[typeddict-item]
        return "unchanged" if changed.version == found.version else "updated"
