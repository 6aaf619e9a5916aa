"""House tests: the laws of docs and design, held by machine. Each can fail, and says where and why."""
