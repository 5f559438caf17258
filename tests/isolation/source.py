"""What the code of the rooms calls, found by reading it: so that nothing is missed because no test comes by."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ROOMS = ("config", "tenants", "licensing", "registration", "resets")
#: Not of a running installation: the developer's demo, and the first run before Django is there.
_LEFT_OUT = ("config/demo/", "config/installing.py", "config/first_run.py")


@dataclass(frozen=True, order=True)
class Site:
    """A place in the code: the file, and the function within it (dotted; empty for the file itself)."""

    file: str
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.function}"


@cache
def trees() -> dict[str, ast.Module]:
    """Return every file of the rooms, read."""
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if "/migrations/" not in name and not name.startswith(_LEFT_OUT):
                found[name] = ast.parse(path.read_text())
    return found


def functions(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Yield every node with the dotted name of the function or class that it stands in."""
    for node in ast.iter_child_nodes(tree):
        yield inside, node
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        yield from functions(node, f"{inside}.{node.name}".strip(".") if named else inside)  # type: ignore[attr-defined]  # named ones have a name


def calls(names: Collection[str], module: str) -> set[Site]:
    """Return where functions of a module are called, under whatever name the file has imported them."""
    found = set()
    for file, tree in trees().items():
        mine = _called(tree, names, module)
        found |= {
            Site(file, inside)
            for inside, node in functions(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in mine
        }
    return found


def mentions(names: Collection[str]) -> set[tuple[str, str]]:
    """Return which files say one of these names, as a name, an attribute or an import."""
    found = set()
    for file, tree in trees().items():
        for node in ast.walk(tree):
            said = {
                getattr(node, "id", ""),
                getattr(node, "attr", ""),
                getattr(node, "module", "") or "",
                *(
                    f"{getattr(node, 'module', '') or ''}.{one.name}".strip(".")
                    for one in getattr(node, "names", [])
                    if isinstance(one, ast.alias)
                ),
            }
            if isinstance(node, ast.Attribute):
                said.add(ast.unparse(node))
            found |= {(file, name) for name in said & set(names)}
    return found


def kept() -> set[Site]:
    """Return what a process keeps: functions that remember their answers, and what a file fills while it runs."""
    found = set()
    for file, tree in trees().items():
        for inside, node in functions(tree):
            for decorator in getattr(node, "decorator_list", []):
                if ast.unparse(decorator).partition("(")[0].rpartition(".")[2] in {"cache", "lru_cache"}:
                    found.add(Site(file, f"{inside}.{node.name}".strip(".")))  # type: ignore[attr-defined]  # a function
        for node in tree.body:
            if (
                isinstance(node, ast.Assign | ast.AnnAssign)
                and node.value is not None
                and _is_empty(node.value)
            ):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                found.add(Site(file, ast.unparse(target)))
    return found


def _called(tree: ast.Module, names: Collection[str], module: str) -> set[str]:
    """Return how a file calls functions of a module: `seal`, `sealing.seal`."""
    room, _dot, last = module.rpartition(".")
    mine = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == module:
            mine |= {one.asname or one.name for one in node.names if one.name in names}
        elif isinstance(node, ast.ImportFrom) and node.module == room:
            mine |= {
                f"{one.asname or one.name}.{name}" for one in node.names if one.name == last for name in names
            }
    return mine


def _is_empty(value: ast.AST) -> bool:
    made = isinstance(value, ast.Call) and ast.unparse(value.func) in {
        "dict",
        "list",
        "set",
        "defaultdict",
        "OrderedDict",
    }
    return (
        made
        or (isinstance(value, ast.Dict) and not value.keys)
        or (isinstance(value, ast.List) and not value.elts)
    )
