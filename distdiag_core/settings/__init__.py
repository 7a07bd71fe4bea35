"""Configuration: YAML files as validated, frozen values, and the registries of what a configuration can name.

In: YAML texts, and the types that say what they may hold. Out: values of these types; a mistake is a `ConfigError` that
names file, line, key, what is there and what is expected, all mistakes of a file at once.

loader      a YAML file or text as a value of a given type
registry    the kinds of a source, a backend or a benchmark, found by name and imported when asked for
duration    durations as people write them

Imports nothing of distdiag but `errors`. pydantic is imported with the first value that is validated, not before.
"""
