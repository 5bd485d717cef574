"""Runs the benchmarks: every module of this folder that has a `main()`, or those named.

python -m bench              all of them
python -m bench check        only bench/check.py
python -m bench --list       their names
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from types import ModuleType

import bench


def modules() -> dict[str, ModuleType]:
    """Name → module, for each module here that can be run, in alphabetical order."""
    names = [info.name for info in pkgutil.iter_modules(bench.__path__) if not info.ispkg]
    loaded = {name: importlib.import_module(f"bench.{name}") for name in names if name[0] != "_"}
    return {name: module for name, module in sorted(loaded.items()) if hasattr(module, "main")}


def main(arguments: list[str]) -> int:
    known = modules()
    if arguments == ["--list"]:
        print("\n".join(known))
        return 0
    unknown = [name for name in arguments if name not in known]
    if unknown:
        print(f"bench: no benchmark named {unknown[0]}", file=sys.stderr)
        print(f"bench: hint: there are: {', '.join(known) or 'none yet'}", file=sys.stderr)
        return 2
    for name in arguments or known:
        print(f"== {name}: {(known[name].__doc__ or '').strip().splitlines()[0]}", flush=True)
        known[name].main()
        print(flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
