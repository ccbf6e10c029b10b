"""Every scenario is stopped at every boundary, started again, and must end as if nothing had happened."""
