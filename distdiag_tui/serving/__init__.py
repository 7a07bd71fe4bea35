"""The console in a browser: pages and a websocket over HTTP, and a console of its own for each browser.

In: which console, an address and a token (`ServeRequest` of the command line).
Out: a server that runs until it is ended.

access       who may connect: addresses, the token, and pages of other servers
web_server   the routes; textual-serve has the page, the terminal in it, and the process of each console

Imports the command line's request, errors and the event loop of verbs; nothing else of the console, which runs in
processes of its own.
"""
