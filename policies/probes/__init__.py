"""Try every way out that is known, and say what became of it: 31 routes, each really tried.

`python -m policies.probes` is started by `policies.report` behind the wall, and by the tests outside of it
too, where the same routes must be found open, so that the check is known to be able to fail.

Rules: only loopback addresses and processes that the probe itself started (one exception: the process
outside the wall that is asked whether it could be signalled or read; nothing is sent to it and nothing
kept). Where a route needs somebody to answer, the probe listens itself. A route counts as blocked only when
a refusal was seen, or when there is nothing on this machine to try, which is then said. Anything unexpected,
a time-out too, counts as open.

This package is the only one of ours that imports the network: it has to, to show that it is closed.
"""
