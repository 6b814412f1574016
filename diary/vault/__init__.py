"""The vault: everything a person wrote or said, encrypted, in one folder. All SQL of the project is here.

    vault.header, vault.header.copy   how the key is wrapped (`header`, `slots`, `keys`, `recovery`)
    vault.db                          SQLCipher: words, index, vectors, drafts (`connection`, `schema`)
    attachments/                      recordings, each with its own key (`recordings`, `stream`)
    spools/                           recordings that are no entries yet (`spools`, `spool_file`)
    vault.lock                        held while a process has the vault open (`lock`)

Enter by `diary.vault.vault.Vault`. Not here: what the words mean, engines, anything that talks to a person.
"""
