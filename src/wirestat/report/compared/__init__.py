"""The parts of a report that only a comparison has, one per file: each has ``lines(comparison, view)``.

::

    build.py     report and comparison as one finished value
    text.py      the whole comparison for an engineer in a hurry
    clocks.py    the points, their order and their clocks
    stages.py    what happened between the points
    journeys.py the affected connections, segment by segment
    ladder.py    one connection, a column for each point
    records.py   the JSON contract of a comparison; json.py writes it
"""
