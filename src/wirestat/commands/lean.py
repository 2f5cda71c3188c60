"""Loads msgspec without what a plain command line does without: it takes as long as reading a small capture does.

msgspec loads its schemas, its inspection and its other formats, which a text report never asks for. It also loads
``uuid`` and ``decimal``, for their classes: no record has a field of these.
"""

import sys
from types import ModuleType
from typing import Any, cast

_ON_DEMAND = tuple(f"msgspec.{part}" for part in ("inspect", "json", "msgpack", "toml", "yaml"))
"""Parts of msgspec that are loaded when something of them is asked for."""
_CLASSES = {"uuid": ("UUID", "SafeUUID"), "decimal": ("Decimal",)}
"""Modules that are only loaded for these classes."""
_ABSENT = "typing_extensions"
"""Python's own typing has everything that msgspec takes from it."""


class _OnDemand(ModuleType):
    """Stands for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # the import system asks for those, and needs none of them
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        __import__(self.__name__)
        return getattr(sys.modules[self.__name__], name)


def load_msgspec() -> None:
    """Load msgspec, unless it is loaded already."""
    if "msgspec" in sys.modules:
        return
    for name in _ON_DEMAND:
        sys.modules[name] = _OnDemand(name)
    only = {name: _with_classes(name) for name in _CLASSES if name not in sys.modules}
    sys.modules.update(only)
    is_absent = _ABSENT not in sys.modules
    if is_absent:
        # As Python says that there is no such module.
        cast("dict[str, ModuleType | None]", sys.modules)[_ABSENT] = None
    try:
        __import__("msgspec")
    finally:
        for name, module in only.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
        if is_absent:
            del sys.modules[_ABSENT]


def _with_classes(name: str) -> ModuleType:
    """Return what stands for a module, with its classes; they have no instances."""
    module = _OnDemand(name)
    for kind in _CLASSES[name]:
        # The one attribute of a class that is asked for on loading: of SafeUUID.
        setattr(module, kind, type(kind, (), {"__module__": name, "unknown": None}))
    return module
