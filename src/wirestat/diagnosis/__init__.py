"""Rules that judge facts: one diagnosis, one function, its docstring its manual page.

The diagnoses are in ``rules``; ``study`` is what they know beyond one connection; the files beside them make findings
of verdicts. To add a diagnosis: write the function in the family it belongs to, or in a new file that
``rules/__init__.py`` names; add a case that it fires on, and one in which its nearest rival keeps it silent, under
``tests/diagnosis/rules``.
"""

from wirestat.diagnosis.analysis import Analysis as Analysis
from wirestat.diagnosis.judge import diagnose as diagnose, judge as judge
from wirestat.diagnosis.naming import Naming as Naming
from wirestat.diagnosis.study.tap import Taps as Taps
