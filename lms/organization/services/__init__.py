"""What can be done in the organization: places, units, people, posts, projects, and lists brought as files."""
