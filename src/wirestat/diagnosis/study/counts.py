"""Counts of connections that several rules ask for, of a socket or a client."""

from wirestat.model import Connection


def count_answered(connections: list[Connection]) -> int:
    """Count those on which the server sent data."""
    return sum(one.server.bytes > 0 for one in connections)


def count_retried(connections: list[Connection]) -> int:
    """Count those that needed more than one SYN."""
    return sum(one.syn_copies > 0 for one in connections)
