"""The project's own source as syntax trees, for the tests that read it."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("backend", "worker", "realtime", "tests")


@cache
def files(*packages: str) -> tuple[Path, ...]:
    """Every Python file of the packages, without migrations, which are generated."""
    found = [path for package in packages or PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return tuple(path for path in found if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes(kind: type[ast.AST] | tuple[type[ast.AST], ...], *packages: str) -> tuple[tuple[str, ast.AST], ...]:
    """Every node of a kind, with its place as `backend/core/actor.py:12`."""
    return tuple(
        (f"{name(path)}:{node.lineno}", node)  # type: ignore[attr-defined]
        for path in files(*packages)
        for node in ast.walk(tree(path))
        if isinstance(node, kind)
    )


def name(path: Path) -> str:
    """The path within the repository."""
    return path.relative_to(ROOT).as_posix()


def called(node: ast.expr) -> str:
    """The last part of what is called or named: `Stale` of `errors.Stale`; empty for anything else."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
