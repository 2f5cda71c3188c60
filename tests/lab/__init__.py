"""The ground-truth lab: real kernels, a wire that misbehaves on command, and the kernels' own record of
every state.

Run it as root: ``python -m tests.lab --out DIR``. See README.md beside this file. All times are integers
in nanoseconds since the Unix epoch (CLOCK_REALTIME) unless a name says otherwise.
"""
