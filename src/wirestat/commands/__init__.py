"""The command line: one verb, one file. This file has the entry point and the only exit.

Every error ends here, as one line and an exit code; users see a traceback only if they ask for it.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys

from wirestat import errors
from wirestat.commands.codes import Code
from wirestat.commands.voice import Voice, forget_output, lowered
from wirestat.system import is_root

TYPE_CHECKING = False  # as in typing, which takes longer to load than to say the version
if TYPE_CHECKING:
    from typing import NoReturn

    from wirestat.commands.group import Verbs

    verbs: Verbs

_VERSION = (["--version"], ["-V"])
_LOOK_FOR_RUBBISH_AFTER = 50_000
"""The threshold of Python's cyclic garbage collector. Its default of 700 would scan the imported modules again and
again: a twentieth of a small capture's time."""


def run() -> NoReturn:
    """Run the command line and end the process with its exit code.

    The process ends at once when all output is written and exit handlers have run: freeing its memory first would
    take a seventh of the time of a small capture.
    """
    gc.set_threshold(_LOOK_FOR_RUBBISH_AFTER)
    if is_root():
        from wirestat.commands.environment import forget_what_steers_libraries

        forget_what_steers_libraries(os.environ)
    code = main()
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.exit(code)  # the normal exit, which reports failed writes
    os._exit(code)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code. Without arguments it takes those of the process."""
    voice = Voice()
    try:
        if arguments and any("\0" in argument for argument in arguments):
            raise errors.UsageError("an argument holds a NUL, which no system would have handed over")
        code = _answer(sys.argv[1:] if arguments is None else arguments, voice)
        sys.stdout.flush()
    except errors.UsageError as error:
        voice.error(str(error), error.hint, error.excerpt)
        return Code.USAGE
    except errors.InputError as error:
        voice.error(str(error), error.hint)
        return Code.INPUT
    except errors.PermissionDenied as error:
        voice.error(str(error), error.hint)
        return Code.PERMISSION
    except errors.Unavailable as error:
        voice.error(str(error), error.hint)
        return Code.UNAVAILABLE
    except KeyboardInterrupt:
        print(file=sys.stderr)  # behind the ^C of the terminal
        forget_output()  # the user wants to end now: do not wait for a reader of the rest
        return Code.INTERRUPTED
    except BrokenPipeError:
        forget_output()
        return Code.PIPE
    except OSError as error:
        voice.error(f"{error.filename or 'input or output'}: {(error.strerror or str(error)).lower()}")
        return Code.PERMISSION if isinstance(error, PermissionError) else Code.IO
    except Exception as error:  # the last resort, and the only place that may catch everything
        return _of_click(error, voice) or _bug(error, voice)
    return code


def _answer(arguments: list[str], voice: Voice) -> int:
    """Run the command line. Plain command lines do without click, which takes longer to load than wirestat."""
    if arguments in _VERSION:
        from wirestat.version import __version__

        print(f"wirestat {__version__}")
        return Code.DONE
    from wirestat.commands import plain

    if (values := plain.read(arguments)) is not None:
        from wirestat.commands.analyzing import analyze

        return analyze(values, voice)
    from wirestat.commands.group import verbs

    code = verbs.main(arguments, prog_name="wirestat", standalone_mode=False, obj=voice)
    return code if isinstance(code, int) else Code.DONE


def _of_click(error: Exception, voice: Voice) -> Code | None:
    """Print a click exception, and return its exit code; ``None`` for other exceptions."""
    click = sys.modules.get("click")
    if click is None:
        return None
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "wirestat"
        hint = f"'{path} --help' lists what there is"
        if getattr(error, "option_name", None) == "-i":
            hint = "'sudo wirestat live -i INTERFACE' captures; 'wirestat interfaces' lists where"
        voice.error(lowered(error.format_message()), hint)
        return Code.USAGE
    if isinstance(error, click.ClickException):
        voice.error(lowered(error.format_message()))
        return Code.USAGE
    if isinstance(error, click.Abort):
        forget_output()
        return Code.INTERRUPTED
    return None


def _bug(error: Exception, voice: Voice) -> Code:
    if voice.verbose:
        import traceback

        traceback.print_exception(error)
    voice.error(
        f"this is a bug in wirestat: {type(error).__name__}: {error}",
        "please report it with the command line, 'wirestat --version' and, if it may be shared, the capture"
        + ("" if voice.verbose else "; -v shows where it happened"),
    )
    return Code.BUG


def __getattr__(name: str) -> object:
    """Load the group of verbs on first access."""
    if name == "verbs":
        from wirestat.commands.group import verbs

        return verbs
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
