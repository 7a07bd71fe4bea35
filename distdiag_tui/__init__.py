"""The console: it looks at snapshots and asks for verbs, and knows no more of the core than that."""
