"""The tracker's data as tables of typed columns: for code that reads many connections and shows few.

The core fills the columns; Python objects are made on demand. ``SCHEMA`` describes every column, and
``docs/tables.md`` is generated from it.
"""

from wirestat.tables.choosing import alike as alike, both as both, either as either, having as having
from wirestat.tables.column import Column as Column, Value as Value
from wirestat.tables.csv import csv as csv
from wirestat.tables.differences import (
    Plane as Plane,
    differences as differences,
    planes as planes,
    steps as steps,
)
from wirestat.tables.gathering import TABLES as TABLES, Gathering as Gathering
from wirestat.tables.reading import Wanted as Wanted, batches as batches, read as read
from wirestat.tables.records import Style as Style, Words as Words, records as records
from wirestat.tables.schema import SCHEMA as SCHEMA, TIME as TIME, Field as Field, Layout as Layout
from wirestat.tables.table import Table as Table
