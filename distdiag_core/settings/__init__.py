"""Configuration: YAML files as validated, frozen values, and the registries of what a configuration can name.

In: YAML texts, and the types that say what they may hold. Out: values of these types; a problem is a `ConfigError` that
names file, line, key, what is there and what is allowed, all problems of a file at once. Also JSON, which no person
writes: there a problem is a `DataError` of one line.

yaml_document  YAML texts with the line of every key, by the core schema of YAML 1.2
loader         a YAML file or text as a value of a given type
json_document  a JSON text of a file or an answer as a value of a given type
allowed_values the values that a type allows, in words
model          pydantic's configuration of settings classes, and types that many of them share
registry       the kinds of a source, a backend or a benchmark, found by name and imported when asked for
duration       durations as people write them

Imports nothing of distdiag but `errors`. Only `model` imports pydantic at once; the others do with the first value that
is validated, so that `--help` stays fast.
"""
