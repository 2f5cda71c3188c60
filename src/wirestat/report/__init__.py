"""The report: built once, rendered in many ways, one renderer per file.

::

    build.py        analysis -> Report, a finished value
    conformance.py observed changes of state compared with the documented ones
    stuck.py        connections that did not end as documented, and what they wait for
    text.py         for an engineer in a hurry
    table.py        netstat's table as of an instant
    ladder.py       one connection, frame by frame
    json.py         one document; ndjson.py: one object a line; both write what contract.py defines
    machine.py      the documented machine as text, mermaid and dot

``words``, ``layout`` and ``paint`` are what the plain-text renderers share.
"""
