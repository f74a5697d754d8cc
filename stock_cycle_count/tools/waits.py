"""Who acts next: what a count line or a sheet waits for, as one word. The sentences with names are made of these."""


def line_step(state: str, sheet_state: str, has_person: bool, is_blocked: bool) -> str:
    """What a line waits for: ``start``, ``count``, ``close``, ``recount``, ``choose`` (who recounts), ``decide``,
    ``solve`` (what keeps it from being posted) or ``finalize``; of one that has ended its state.

    :param has_person: whether somebody is to count it
    :param is_blocked: whether something is missing before it can be posted

    >>> line_step("pending", "draft", True, False), line_step("pending", "in_progress", True, False)
    ('start', 'count')
    >>> line_step("recount", "in_progress", True, False), line_step("recount", "in_progress", False, False)
    ('recount', 'choose')
    >>> line_step("counted", "in_progress", True, False), line_step("counted", "review", True, False)
    ('close', 'finalize')
    >>> line_step("to_approve", "review", True, True), line_step("approved", "review", True, True)
    ('decide', 'solve')
    >>> line_step("posted", "done", True, False), line_step("rejected", "in_progress", True, False)
    ('posted', 'rejected')
    """
    if state == "pending":
        return "start" if sheet_state == "draft" else "count"
    if state == "recount":
        return "recount" if has_person else "choose"
    if state == "to_approve":
        return "decide"
    if state == "approved" or state == "counted" and sheet_state == "review":
        return "solve" if is_blocked else "finalize"
    return "close" if state == "counted" else state


def sheet_step(state: str, has_lines: bool, left: int) -> str:
    """What a sheet waits for when none of its lines says more: ``fill``, ``start``, ``count``, ``close`` or ``finalize``;
    of one that has ended its state.

    :param left: number of lines that nobody has counted yet

    >>> sheet_step("draft", False, 0), sheet_step("draft", True, 3), sheet_step("in_progress", True, 3)
    ('fill', 'start', 'count')
    >>> sheet_step("in_progress", True, 0), sheet_step("review", True, 0), sheet_step("done", True, 0)
    ('close', 'finalize', 'done')
    """
    if state == "draft":
        return "start" if has_lines else "fill"
    if state == "in_progress":
        return "count" if left else "close"
    return "finalize" if state == "review" else state
