"""The headless verbs: every act of the console has a twin here, and each is a thin call on runtime or a room."""
