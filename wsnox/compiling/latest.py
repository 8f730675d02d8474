"""The latest versions that members allow: what somebody gets who installs them today, with the groups of the session.

Nothing is kept but what an earlier file has: without an upgrade, a file stays as it is.
"""

from __future__ import annotations

from wsnox._record import replace
from wsnox.compiling.question import Question, Resolved

__all__ = ["Latest"]


class Latest(Question, kw_only=True):
    """The question for the latest versions."""

    def resolve(self) -> Resolved:
        """Return the answer; raise `NoResolutionError`."""
        request = replace(self.request(()), groups=tuple(self.groups()), bare=False)
        document = self.packages(request)
        return Resolved(document=document, annotations=self.annotations(request, document))
