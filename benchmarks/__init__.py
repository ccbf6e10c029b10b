"""What syncd costs at size. Each measurement runs in a process of its own, against vendors in another one."""
