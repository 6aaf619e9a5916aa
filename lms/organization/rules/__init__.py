"""What holds in the organization whoever asks: the tree of units, holdings of posts, lists brought as files. Pure."""
