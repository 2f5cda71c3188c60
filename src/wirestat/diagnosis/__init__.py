"""Rules that judge facts: one diagnosis, one function, its docstring its manual page.

To add one: write the function in the family it belongs to, or in a new file; name a new file in the list below;
add a case that it fires on, and one in which its nearest rival keeps it silent, under ``tests/diagnosis``.
"""

from wirestat.diagnosis import (
    attack as attack,
)
from wirestat.diagnosis import (
    capture as capture,
)
from wirestat.diagnosis import (
    closing as closing,
)
from wirestat.diagnosis import (
    habits as habits,
)
from wirestat.diagnosis import (
    handshake as handshake,
)
from wirestat.diagnosis import (
    load as load,
)
from wirestat.diagnosis import (
    middlebox as middlebox,
)
from wirestat.diagnosis import (
    opening as opening,
)
from wirestat.diagnosis import (
    path as path,
)
from wirestat.diagnosis import (
    resets as resets,
)
from wirestat.diagnosis import (
    reuse as reuse,
)
from wirestat.diagnosis import (
    silence as silence,
)
from wirestat.diagnosis.analysis import Analysis as Analysis
from wirestat.diagnosis.judge import diagnose as diagnose
from wirestat.diagnosis.manual import catalogue as catalogue
from wirestat.diagnosis.manual import explain as explain
from wirestat.diagnosis.manual import find as find
