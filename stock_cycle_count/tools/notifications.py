"""What a button answers when something has to be told."""


def tell(message: str, then: "dict | None" = None) -> dict:
    """Action that tells the user who pressed a button what was done.

    :param then: the action that follows

    >>> tell("Done.")["params"]
    {'type': 'info', 'message': 'Done.'}
    """
    return _notify("info", message, then)


def warning(message: str, title: "str | None" = None, then: "dict | None" = None) -> dict:
    """Action that warns the user who pressed a button.

    :param title: what it is about; a warning with one stays until it is closed
    :param then: the action that follows

    >>> warning("It waits.")["params"]
    {'type': 'warning', 'message': 'It waits.'}
    >>> sorted(warning("Why not.", "Not done", {"type": "ir.actions.act_window_close"})["params"])
    ['message', 'next', 'sticky', 'title', 'type']
    """
    return _notify("warning", message, then, **({"title": title, "sticky": True} if title else {}))


def done(message: str, title: "str | None" = None, then: "dict | None" = None) -> dict:
    """Action that tells the user who pressed a button what came of it; a dialog closes unless something else follows.

    >>> done("Sent.")["params"]
    {'type': 'success', 'message': 'Sent.', 'next': {'type': 'ir.actions.act_window_close'}}
    """
    return _notify(
        "success", message, then or {"type": "ir.actions.act_window_close"}, **({"title": title} if title else {}))


def _notify(kind, message, then, **params):
    params = {"type": kind, "message": message, **params}
    if then:
        params["next"] = then
    return {"type": "ir.actions.client", "tag": "display_notification", "params": params}
