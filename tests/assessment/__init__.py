"""Questions: every kind read, answered, marked and shown."""
