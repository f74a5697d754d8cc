"""Writing of files that can be checked: a zip with a manifest of hashes."""
import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import BinaryIO


class _Hashed:
    """A file that is written, with its hash, its size and its lines."""

    def __init__(self, file: BinaryIO):
        self.file, self.hash, self.size = file, hashlib.sha256(), 0

    def write(self, data: bytes):  # pylint: disable=method-required-super
        self.hash.update(data)
        self.size += len(data)
        return self.file.write(data)


class Pack:
    """A zip in the making, whose files are streamed into it.

    >>> target = io.BytesIO()
    >>> pack = Pack(target)
    >>> pack.add("a.txt", lambda file: file.write(b"abc"))
    >>> pack.close() == hashlib.sha256(zipfile.ZipFile(target).read("manifest.csv")).hexdigest()
    True
    >>> print(zipfile.ZipFile(target).read("manifest.csv").decode().replace("\\r", ""), end="")
    file,bytes,sha256
    a.txt,3,ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
    """

    def __init__(self, target: BinaryIO):
        self.zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self.rows: list[tuple[str, int, str]] = []

    def add(self, name: str, write: Callable[[BinaryIO], object]):
        """Add a file.

        :param write: writes it to the file that it is given
        """
        with self.zip.open(name, "w", force_zip64=True) as file:
            hashed = _Hashed(file)
            write(hashed)
        self.rows.append((name, hashed.size, hashed.hash.hexdigest()))

    def close(self) -> str:
        """Add the manifest, and end.

        :return: the hash of the manifest, and so of all
        """
        text = io.StringIO()
        csv.writer(text).writerows([("file", "bytes", "sha256"), *self.rows])
        self.add("manifest.csv", lambda file: file.write(text.getvalue().encode()))
        self.zip.close()
        return self.rows[-1][2]
