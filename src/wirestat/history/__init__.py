"""The history of a long capture, recorded on disk and queried later: which end was in which state, and when.

::

    spans.py     from changes of state, as they happen, to spans of time with both states
    changes.py   which changes of state each connection made
    figures.py   all else that is known of each connection: facts, figures, findings
    keeper.py    the folder of intervals while it is written, and what is kept of it
    intervals.py what the files are called, and which of them to look into
    where.py     the filter language as SQL
    queries.py   an instant, or a series of them
    failing.py   why a file could not be read
    tables.py    the answers as tables
    page.py      the same as a page
"""
