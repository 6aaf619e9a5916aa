"""The rules of the cascade. Pure: facts in, verdicts out; days and moments arrive as arguments."""
