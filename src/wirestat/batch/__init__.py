"""Many captures in one run, each by itself or a rotation as one, with the results in tables.

::

    sources.py finds captures: folders, patterns, lists, archives
    members.py    a capture inside an archive, read without unpacking it
    remote.py     captures at addresses, as s3://bucket/a.pcap
    reading.py    from where all of these are read
    rotations.py  which captures belong together
    content.py the identity of a capture
    task.py       what a worker does with some captures
    process.py    how a worker's process begins
    sharing.py    parts of the work, handed out to a pool
    workers.py worker processes, their failures, and retries
    cuts.py       where a large capture may be cut
    line.py       pieces in the order of time
    spread.py     one capture on many workers
    cluster.py    workers of Dask
    store.py parts of tables, written atomically
    journal.py the parts that are done, so that a run may be resumed
    digest.py findings, with the number of captures
    page.py       the same as a page, whose rows open the captures' reports
    run.py the whole run
"""
