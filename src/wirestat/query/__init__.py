"""One language that asks for connections: ``state==CLOSE_WAIT && port==443 && for>60s``.

``parse`` reads an expression into a tree whose fields and values are known; whatever is wrong with it is said here,
with the place. ``choose`` has the core run it over all connections. ``reference`` says the same in Python, one
connection at a time: it is what the core is held to.
"""

from wirestat.query.fields import FIELDS as FIELDS, FilterField as FilterField, Kind as Kind
from wirestat.query.parse import parse as parse
from wirestat.query.program import choose as choose, choose_one as choose_one, compiled as compiled
from wirestat.query.tree import Known as Known, Test as Test, Tree as Tree, tests as tests
