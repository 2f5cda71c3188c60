"""Many captures in one run: each for itself, or those of a rotation as one; the results in tables.

::

    sources.py    what there is to read: folders, patterns, lists, archives
    members.py    a capture inside an archive, read without unpacking it
    rotations.py  which captures belong together
    content.py    by what a capture is known again
    task.py       what a worker does with some captures
    workers.py    processes, what becomes of them, and what is tried again
    store.py      parts of tables, there whole or not at all
    journal.py    what is done, so that a run may be resumed
    digest.py     what was found on how many captures
    page.py       the same as a page, whose rows open the captures' reports
    run.py        all of it, from what was named to what was written
"""
