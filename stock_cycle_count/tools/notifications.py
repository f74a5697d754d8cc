"""What a button answers when something has to be told."""


def warning(message: str, title: "str | None" = None, then: "dict | None" = None) -> dict:
    """Action that warns the user who pressed a button.

    :param title: what it is about; a warning with one stays until it is closed
    :param then: the action that follows

    >>> warning("It waits.")["params"]
    {'type': 'warning', 'message': 'It waits.'}
    >>> sorted(warning("Why not.", "Not done", {"type": "ir.actions.act_window_close"})["params"])
    ['message', 'next', 'sticky', 'title', 'type']
    """
    params: dict = {"type": "warning", "message": message}
    if title:
        params.update(title=title, sticky=True)
    if then:
        params["next"] = then
    return {"type": "ir.actions.client", "tag": "display_notification", "params": params}
