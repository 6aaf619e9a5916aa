"""What accounts decides, as plain functions of facts: no clock, no request, no database."""
