"""The cycle: observe, reconcile, apply, settle. The only place where I/O and decisions meet."""
