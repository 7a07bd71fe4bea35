"""The command line: a module for each verb, named for it.

In: arguments, and a cluster file. Out: data on standard output, messages on standard error, an exit code.

main               the command `distdiag` and the list of its verbs
global_options     those that stand before or after the verb: which cluster, and read-only
options, run       the options that verbs share; the event loop, signals and exit codes of a verb
output             JSON, tables and messages; injection_table is the table of injections

A verb imports what it needs when it runs, so that the program starts fast. May import everything in the core, and
nothing of the console; no verb imports another.
"""
