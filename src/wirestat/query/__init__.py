"""The filter language for connections: ``state==CLOSE_WAIT && port==443 && for>60s``.

``parse`` turns an expression into a tree with resolved fields and values, and reports mistakes with their place.
``choose`` has the core run it over all connections. ``reference`` is a second implementation in Python, one
connection at a time, which tests compare with the core.
"""

from wirestat.query.fields import FIELDS as FIELDS, FilterField as FilterField, Kind as Kind
from wirestat.query.parse import parse as parse
from wirestat.query.program import choose as choose, choose_one as choose_one, compiled as compiled
from wirestat.query.tree import Known as Known, Test as Test, Tree as Tree, tests as tests
