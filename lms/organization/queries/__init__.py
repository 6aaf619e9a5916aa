"""Reading the organization, narrowed to what the actor may see."""
