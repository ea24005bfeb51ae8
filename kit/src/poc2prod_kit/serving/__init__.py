"""What the service is made of: contract, serving model, server, and the records of what was observed."""
