"""The price list: how the names of products are spelled."""

from pathlib import Path

from backend.core import folding
from backend.modules.exchange import reading
from backend.modules.exchange.detection import FileRefused
from backend.modules.exchange.reading import same


def key(product: str) -> str:
    """The form under which products are compared: case, accents and spaces do not count ("GTXPro" is "GTX Pro")."""
    return folding.fold(product).replace(" ", "")


def price_list(path: Path) -> dict[str, str]:
    """The products of a CSV file, from its column `product` or `name`, by their key. Raises `FileRefused`."""
    with reading.open_table(path) as table:
        names = [same(name) for name in table.header]
        place = next((names.index(name) for name in ("product", "name") if name in names), None)
        if place is None:
            raise FileRefused(f"The price list {path} has no column product or name.")
        found: dict[str, str] = {}
        for row in table.rows():
            if row.fault:
                raise FileRefused(f"The price list {path} is broken in line {row.line}: {row.fault}.")
            name = folding.squash(row.cells[place])
            other = found.setdefault(key(name), name)
            if other != name:
                raise FileRefused(f"The price list {path} has {other!r} and {name!r}, which can't be told apart.")
        found.pop("", None)
        return found
