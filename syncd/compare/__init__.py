"""When are two values one, and whose doing is a difference? Pure; between the model and all that
decides.
"""
