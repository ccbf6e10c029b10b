"""What every sandbox vendor is built from: records, requests and answers, switches, faults, counters, rates."""
