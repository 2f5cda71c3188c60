"""Many captures in one run: each for itself, or those of a rotation as one; the results in tables.

::

    sources.py    what there is to read: folders, patterns, lists, archives
    members.py    a capture inside an archive, read without unpacking it
    remote.py     captures at addresses, as s3://bucket/a.pcap
    reading.py    from where all of these are read
    rotations.py  which captures belong together
    content.py    by what a capture is known again
    task.py       what a worker does with some captures
    process.py    how a worker's process begins
    sharing.py    parts of the work, handed out to a pool
    workers.py    processes, what becomes of them, and what is tried again
    cuts.py       where a large capture may be cut
    line.py       pieces in the order of time
    spread.py     one capture on many workers
    cluster.py    workers of Dask
    store.py      parts of tables, there whole or not at all
    journal.py    what is done, so that a run may be resumed
    digest.py     what was found on how many captures
    page.py       the same as a page, whose rows open the captures' reports
    run.py        all of it, from what was named to what was written
"""
