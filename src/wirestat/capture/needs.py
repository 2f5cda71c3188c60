"""Packages that only some sources need: imported when used, and named with the way to get them when missing."""

import logging
from importlib import import_module
from types import ModuleType

from wirestat.errors import Unavailable, installing


def package(module: str) -> ModuleType:
    """Import a module of an optional package.

    Raises:
        Unavailable: the package is not installed, or broken.
    """
    name = module.partition(".")[0]
    # scapy speaks up about the machine's routes and interfaces, which nobody has asked it for.
    logging.getLogger("scapy").setLevel(logging.CRITICAL)
    try:
        return import_module(module)
    except ImportError as error:
        broken = error.name is not None and error.name.partition(".")[0] != name
        state = f"cannot be used: {error}" if broken else "is not installed"
        raise Unavailable(f"the package {name} {state}", installing(f"wirestat[{name}]")) from None
    except OSError as error:
        # pyshark asks where it is run, which may be a folder that was removed.
        raise Unavailable(f"the package {name} cannot be used: {error}") from None
