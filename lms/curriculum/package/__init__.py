"""A course as a folder of plain files. Pure: files in, the tree *and all problems at once* out.

drafts (what was read) · reader (the whole package) · course, module, lesson (one kind of file each) · marks (what
Markdown may hold) · pictures (pictures and recordings) · canonical (the one zip of a package).
The format is told in docs/course-packages.md.
"""
