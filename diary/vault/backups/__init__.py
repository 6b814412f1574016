"""Backups: an encrypted file that proves itself, or a chain of such files.

`container` is the form of a file, `sums` what anybody can look at it by, `blocks` how it reaches the disk and
comes back, `index` what it says it holds, `manifest` what it says of the diary, `chain` a file with all that
it goes on from, `pages` how those of the database are authenticated, `places` the names beside it. `making`
makes one of an open vault with `writing`, `verifying` opens one as a restored vault would be opened,
`restoring` is the drill and the restoring. Nothing readable is written by any of them.
"""
