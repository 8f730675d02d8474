"""The highest versions that members allow, with the groups of the session, but for what is kept.

For ``latest`` only an earlier file is kept: it is what somebody gets who installs the members today. For ``below``, which
is for older Pythons than the workspace's, everything is as in ``uv.lock`` where that has something for them.
"""

from __future__ import annotations

from wsnox._record import replace
from wsnox.compiling.question import Question, Resolved

__all__ = ["Highest"]


class Highest(Question, kw_only=True):
    """The question for the highest versions."""

    def resolve(self) -> Resolved:
        """Return the answer; raise `NoResolutionError`."""
        request = replace(self.request(()), groups=tuple(self.groups()), bare=False)
        document = self.packages(request)
        return Resolved(document=document, annotations=self.annotations(request, document))
