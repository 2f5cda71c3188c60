"""Optional packages: imported on use, with an error that says how to install them."""

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
    # scapy prints warnings about the machine's routes and interfaces.
    logging.getLogger("scapy").setLevel(logging.CRITICAL)
    try:
        return import_module(module)
    except ImportError as error:
        broken = error.name is not None and error.name.partition(".")[0] != name
        state = f"cannot be used: {error}" if broken else "is not installed"
        raise Unavailable(f"the package {name} {state}", installing(f"wirestat[{name}]")) from None
    except OSError as error:
        # pyshark asks for the working directory, which may have been removed.
        raise Unavailable(f"the package {name} cannot be used: {error}") from None
