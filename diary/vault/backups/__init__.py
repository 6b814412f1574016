"""Backups: one encrypted file that proves itself.

`container` is the form of the file, `manifest` what it says of its contents, `places` the names beside it,
`making` makes one of an open vault, `verifying` opens one as a restored vault would be opened, `restoring` is
the drill and the restoring. Nothing readable is written by any of them.
"""
