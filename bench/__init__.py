"""Measures wirestat against its peers and its own promises: ``python -m bench``.

::

    dialogues  what is said on one connection, of every kind, ordinary and not
    frames     the bytes of one captured frame
    traces     hundreds of thousands of connections, interleaved in time
    make       writes the traces; it is a process of its own, so that its memory is not anybody's else
    process    runs a command and asks the kernel what it cost
    peers      the commands that are compared
    races      the measurements; each yields figures
    bars       what was promised of the figures
    table      figures on paper
"""
