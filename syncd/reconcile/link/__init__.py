"""Which record is whose: matching, lost creates, records and bookings that are somebody else's by
now.
"""
