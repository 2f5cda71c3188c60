"""The kernel of this host as a second witness: its own sockets, and who holds them. Blind to the tracker.

Nothing is changed: sockets are listed by ``sock_diag(7)``, processes by ``/proc``. A process of its own asks, since
capturing gives up the rights that this takes; it tells, and is told nothing.
"""
