"""``docs/imports.py`` for tests: graphs of imports, and walks along them."""

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent


def load() -> ModuleType:
    """Load ``docs/imports.py``, which lies in no package."""
    spec = importlib.util.spec_from_file_location("imports_of_rooms", ROOT / "docs" / "imports.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


IMPORTS = load()
"""The module that reads and walks the imports of rooms; the pictures of them are drawn by it as well."""
