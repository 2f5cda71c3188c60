"""Claims of other tools about the same captures, in the words of the score.

None of them names the state of an end; each gives a connection one word. A word is counted as a claim about an end
only where its documentation says something of that end, and as right where any state that it allows is the true one:
``complete`` is right for an end in TIME_WAIT as well as for one that is CLOSED. Silence is not held against a tool.
"""

from .claims import Claims, PeerClaim
from .run import PEERS, run

__all__ = ["PEERS", "Claims", "PeerClaim", "run"]
