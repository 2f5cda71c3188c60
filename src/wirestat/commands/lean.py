"""Loads msgspec without the parts that a plain command line never uses: they take as long as reading a small capture.

msgspec would load its schemas, its inspection and its other formats, which a text report never uses, and ``uuid`` and
``decimal``, whose classes no record has as the type of a field.
"""

import sys
from types import ModuleType
from typing import Any, cast

_ON_DEMAND = tuple(f"msgspec.{part}" for part in ("inspect", "json", "msgpack", "toml", "yaml"))
"""Parts of msgspec that are loaded on first use."""
_CLASSES = {"uuid": ("UUID", "SafeUUID"), "decimal": ("Decimal",)}
"""Modules that are only loaded for these classes."""
_ABSENT = "typing_extensions"
"""Not loaded: Python's own ``typing`` has everything that msgspec takes from it."""


class _OnDemand(ModuleType):
    """Stands for a module until its first use."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # the import system looks for these, and needs none of them
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
        # ``None`` makes the import fail as if the module were not installed.
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
    """Return a stand-in for a module, with stand-ins for its classes, of which there are no instances."""
    module = _OnDemand(name)
    for kind in _CLASSES[name]:
        # msgspec reads only this attribute of a class while it loads: ``SafeUUID.unknown``.
        setattr(module, kind, type(kind, (), {"__module__": name, "unknown": None}))
    return module
