"""What an examination has to say that is no fault."""


class Remark(str):
    """A remark that is told beside the findings."""
