"""Why the machine cannot do something with a file or a port, in the reader's language."""

from __future__ import annotations

import errno
from collections.abc import Mapping

from services.client.phrases.catalogue import NC_, Phrase, Phrases

_WHY: Mapping[int, Phrase] = {
    errno.ENOENT: NC_("from the machine", "No such file or directory"),
    errno.EACCES: NC_("from the machine", "Permission denied"),
    errno.EPERM: NC_("from the machine", "Operation not permitted"),
    errno.EEXIST: NC_("from the machine", "File exists"),
    errno.EISDIR: NC_("from the machine", "Is a directory"),
    errno.ENOTDIR: NC_("from the machine", "Not a directory"),
    errno.ENOSPC: NC_("from the machine", "No space left on device"),
    errno.EROFS: NC_("from the machine", "Read-only file system"),
    errno.EADDRINUSE: NC_("from the machine", "Address already in use"),
}


def why(phrases: Phrases, error: OSError) -> str:
    """The reason; one that has no phrase is said as the machine says it, and so is every one in English."""
    phrase = _WHY.get(error.errno) if error.errno is not None else None
    if phrase is None or phrases.language == "en":
        return error.strerror or str(error)
    return phrases.say(phrase)
