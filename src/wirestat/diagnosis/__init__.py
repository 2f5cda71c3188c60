"""Rules that judge facts: one diagnosis, one function, its docstring its manual page.

To add one: write the function in the family it belongs to, or in a new file; name a new file in the list below;
add a case that it fires on, and one in which its nearest rival keeps it silent, under ``tests/diagnosis``.
"""

from wirestat.diagnosis import (
    addresses as addresses,
    aging as aging,
    attack as attack,
    backscatter as backscatter,
    capture as capture,
    checks as checks,
    closing as closing,
    connecting as connecting,
    delayed as delayed,
    forgotten as forgotten,
    habits as habits,
    handshake as handshake,
    hangups as hangups,
    held as held,
    lateness as lateness,
    load as load,
    loops as loops,
    middlebox as middlebox,
    oneself as oneself,
    opening as opening,
    options as options,
    outages as outages,
    path as path,
    piles as piles,
    proxies as proxies,
    races as races,
    replays as replays,
    resets as resets,
    reuse as reuse,
    scaling as scaling,
    silence as silence,
    singles as singles,
    timing as timing,
    translated as translated,
    unheeded as unheeded,
    unread as unread,
    waking as waking,
)
from wirestat.diagnosis.analysis import Analysis as Analysis
from wirestat.diagnosis.judge import diagnose as diagnose, judge as judge
from wirestat.diagnosis.manual import catalogue as catalogue, explain as explain, find as find
from wirestat.diagnosis.naming import Naming as Naming
