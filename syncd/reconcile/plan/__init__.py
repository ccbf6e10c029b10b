"""Which operations are left to do, and which of them may be done without asking."""
