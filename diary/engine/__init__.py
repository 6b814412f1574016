"""Models in confined child processes: frames and messages, the host inside, the client outside, and one
proxy a port.
"""
