"""Reads of groups, narrowed to what the actor may see."""
