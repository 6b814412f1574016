"""Set-up: the packaged models checked, converted and installed, once. Never imported by the running
program.
"""
