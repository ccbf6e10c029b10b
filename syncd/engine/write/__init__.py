"""Writing to vendors: one operation after the other, each journalled before and settled after it."""
