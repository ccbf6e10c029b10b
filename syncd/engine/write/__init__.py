"""Writing to vendors: one operation after the other, journalled before and settled after it."""
