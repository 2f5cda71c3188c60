"""Several tables that track one capture together come to what one comes to."""
