"""Two captures, or two spans of one, service by service: what is new, gone, worse or better, beyond chance.

::

    services.py counts of the connections of each service
    chance.py     whether a difference may be chance
    changes.py    what differs, with figures
    text.py       the same for people; json.py for programs
"""
