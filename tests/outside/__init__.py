"""Programs of others against the sandbox: by hand, as they have to be installed first. No part of the test suite."""
