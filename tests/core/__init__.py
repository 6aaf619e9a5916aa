"""The ground: files, trail, jobs, mail, texts, tables, languages, headers, commands."""
