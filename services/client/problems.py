"""Problems that the person at the keyboard can solve."""


class Problem(Exception):
    """Its text is one sentence that says what is wrong and what to do; the command line prints it and exits with 2."""


class Unanswered(Problem):
    """No node answers, or not in time: the command line exits with 3, for the same may be asked again."""
