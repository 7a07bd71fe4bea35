"""The registry of actions: every key of the console, once, with its words and what it takes to be allowed.

In: the user's own `keymap.yaml`.
Out: bindings for screens and widgets, labels of keys, the queue that keeps typed keys in their order.

main_actions and dialog_actions  the actions by place; registry  all of them, and the bindings of a place
keymap                           the operator's own keys

Footer, help, command palette and read-only mode all read the registry; `handlers` has what each action does.

May import places, errors and settings of the core; no other room of the console.
"""
