"""One format, one file; each takes a finished result and returns text."""

from collections.abc import Callable

from ..result import Result
from .json import render as render_json
from .markdown import render as render_markdown
from .readme import render as render_readme
from .text import render as render_text

RENDERERS: dict[str, Callable[[Result], str]] = {
    "text": render_text,
    "json": render_json,
    "markdown": render_markdown,
    "readme": render_readme,
}
