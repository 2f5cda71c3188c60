"""Sockets as their operator knows them: how long connections live, who lets them go, what is full."""
