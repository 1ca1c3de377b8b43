"""What templates of the editor's desk ask for. It stands here because the public process must not read it."""

from __future__ import annotations

from django import template

from talks.editing import queues as queue

register = template.Library()


@register.inclusion_tag("admin/talks/queues.html")
def queues() -> dict[str, int]:
    """The two queues, with how much waits in each."""
    return {"review": sum(number for _, number in queue.numbers_in_review()), "doubts": queue.number_of_doubts()}
