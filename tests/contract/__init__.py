"""What every vendor's adapter promises, shown against its sandbox in each of the sandbox's behaviours."""
