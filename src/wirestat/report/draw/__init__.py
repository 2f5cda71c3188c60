"""Pictures for texts: the ladder of a connection, states over time, and the RFC's diagram with counts."""
