"""One file per format of another program; all yield drafts through one staging area, which checks them."""
