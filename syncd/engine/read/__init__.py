"""Reading vendors: listings, what is asked for by id, and what follows from what is not there."""
