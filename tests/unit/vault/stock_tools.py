"""Opens a backup of a diary, or its vault, without the diary: Python, `cryptography`, and any SQLCipher 4.

    python stock_tools.py FILE FOLDER < passphrase

writes the files in FILE, and in what an incremental goes on from, into FOLDER and prints what SQLCipher is
told. Of the vault's own folder, or better of a copy, which is not written to, it needs that alone:

    python stock_tools.py FOLDER < passphrase

The recovery code does as well as the passphrase, and so does a key file (< diary.key). Then start SQLCipher
with `sqlcipher FOLDER/vault.db`, paste that line, then type for instance

    .mode line
    SELECT datetime(happened / 1000000, 'unixepoch') AS at, title, text FROM entries ORDER BY happened;

With the key of one of the files in FOLDER/attachments, which SQLCipher tells
(SELECT name, file, hex(key) FROM attachments),

    python stock_tools.py --attachment FOLDER/attachments/FILE OUT < hexadecimal key

writes that file's content into OUT. Nothing of the diary's own code is used; a test keeps it true.
"""

import base64
import hashlib
import hmac
import json
import struct
import sys
import unicodedata
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def read(file):
    """Check every sum that needs no key; the index, the members, what the HMAC is of, and the sums."""
    whole = Path(file).read_bytes()
    (length,), mac, total = struct.unpack(">Q", whole[-72:-64]), whole[-64:-32], whole[-32:]
    at_end = whole[-104:-96] == b"DIARYBK3"  # the database is at the front then, and the opening at the end
    opening, place, end = (whole[-104:-72], 0, -104) if at_end else (whole[:32], 32, -72)
    content = whole[end - length : end]
    signed = opening + whole[-72:-64] + content
    assert at_end or opening[:8] in (b"DIARYBK1", b"DIARYBK2")
    assert hashlib.sha256(signed + mac).digest() == total
    index, members = json.loads(content), {}
    for member in index["members"]:
        found = members[member["name"]] = whole[place : place + member["size"]]
        summed = checksums(found) if at_end and member["name"] == "vault.db" else found
        assert hashlib.sha256(summed).hexdigest() == member["sha256"], member["name"]
        place += member["size"]
    assert place == len(whole) + end - length
    return index, members, signed, mac, total.hex()


def checksums(content):
    """Of each MiB the tag of AES-GCM over it, under a key of zeros and a nonce of its number."""
    starts = range(0, len(content), 1 << 20)
    return b"".join(
        AESGCM(bytes(16)).encrypt((start >> 20).to_bytes(12, "big"), b"", content[start : start + (1 << 20)])
        for start in starts
    )


def chain(file):
    """The backup, what it goes on from, and so on to a whole one, which lie in the same folder."""
    links = [read(file)]
    while "base" in links[-1][0]:
        others = (read(path) for path in Path(file).parent.glob("*.backup"))
        links.append(next(other for other in others if other[4] == links[-1][0]["base"]["sha256"]))
    return links


def unpack(file, folder):
    """Put the vault together; for each file what its HMAC is of, and its HMAC."""
    links = chain(file)
    database = bytearray(links[-1][1]["vault.db"])
    for index, members, *_ in reversed(links[:-1]):
        size, place = index["database"]["page_size"], 0
        database = database[: index["database"]["count"] * size]
        for first, count in index["database"]["runs"]:
            changed = members["vault.db.pages"][place : place + count * size]
            database[(first - 1) * size : (first - 1 + count) * size] = changed
            place += count * size
    index, files = links[0][0], dict(links[0][1])
    for name in index.get("kept", []):
        files[name] = next(members[name] for _, members, *_ in links if name in members)
    files.pop("vault.db.pages", None)
    for name, content in {**files, "vault.db": database}.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return [(signed, mac) for _, _, signed, mac, _ in links]


def vault_key(header, given):
    """48 bytes: the key of 32, the salt of 16. And the database's page size."""
    body = json.loads(header[12 : 12 + struct.unpack(">I", header[8:12])[0]])
    line = given.split(b"\n")[0].rstrip(b"\r").decode(errors="surrogateescape")
    spaced = "".join(" " if unicodedata.category(mark) == "Zs" else mark for mark in line)
    code = "".join(mark for mark in line.upper() if mark.isalnum()).translate(str.maketrans("OIL", "011"))
    forms = {
        "passphrase": unicodedata.normalize("NFC", spaced).encode("utf-8", "surrogatepass"),
        "recovery-code": code[:26].encode("utf-8", "surrogatepass"),  # without its two check symbols
        "key-file": given,
    }
    for slot in (one for one in body["slots"] if one["kind"] in forms):
        try:
            return key_of(slot, body, forms[slot["kind"]]), body["page_size"]
        except InvalidTag:
            pass
    sys.exit("This opens no slot of the vault.")


def key_of(slot, body, secret):
    """What the secret finds in one slot."""
    salt, nonce, wrapped, vault_id = (
        base64.b64decode(text) for text in (slot["salt"], slot["nonce"], slot["wrapped"], body["vault_id"])
    )
    info = b"diary|slot|" + slot["kind"].encode()
    derivation = HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info)
    if cost := slot["kdf"]:  # none where the secret is random, and long
        derivation = Argon2id(
            salt=salt,
            length=32,
            iterations=cost["iterations"],
            lanes=cost["lanes"],
            memory_cost=cost["memory_kib"],
        )
    wrapping = derivation.derive(secret)
    said = json.dumps({**slot, "wrapped": ""}, sort_keys=True, separators=(",", ":")).encode()
    return ChaCha20Poly1305(wrapping).decrypt(nonce, wrapped, b"diary slot 1|" + vault_id + said)


def attachment(path, key, out):
    """STREAM: pieces of 64 KiB and a tag each, under a nonce of their number and a mark on the last."""
    content = path.read_bytes()
    header = (path.parent.parent / "vault.header").read_bytes()
    body = json.loads(header[12 : 12 + struct.unpack(">I", header[8:12])[0]])
    info = b"diary|attachment|" + base64.b64decode(body["vault_id"]) + path.name.encode()
    assert content[:8] == b"DIARYAT1"
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=content[8:24], info=info).derive(key)
    pieces = [content[start : start + 65552] for start in range(24, len(content), 65552)]
    with out.open("xb") as file:
        for number, piece in enumerate(pieces):
            nonce = number.to_bytes(11, "big") + bytes([number == len(pieces) - 1])
            file.write(AESGCM(derived).decrypt(nonce, piece, None))


def is_authentic(signed, mac, key):
    """Whether somebody with the key put the backup together."""
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"diary|backup").derive(key[:32])
    return hmac.compare_digest(hmac.digest(derived, signed, "sha256"), mac)


if __name__ == "__main__" and sys.argv[1] == "--attachment":
    attachment(Path(sys.argv[2]), bytes.fromhex(sys.stdin.readline()), Path(sys.argv[3]))
elif __name__ == "__main__":
    signed_parts = unpack(*sys.argv[1:3]) if sys.argv[2:] else []
    key, page_size = vault_key(Path(sys.argv[-1], "vault.header").read_bytes(), sys.stdin.buffer.read())
    assert all(is_authentic(signed, mac, key) for signed, mac in signed_parts)
    print(f"PRAGMA key = \"x'{key.hex()}'\"; PRAGMA cipher_page_size = {page_size};")
