"""Several tables that track one capture together give the result of one table."""
