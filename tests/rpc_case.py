"""The ways on which clients call methods, for tests of what the server lets them do."""

import json
import xmlrpc.client

from odoo.tests import HttpCase

from .servers import UNCLEAR

#: Exceptions that Odoo shows as messages to people.
CLEAR = ("odoo.exceptions.UserError", "odoo.exceptions.AccessError", "odoo.exceptions.ValidationError",
         "odoo.exceptions.MissingError")


class RpcCase(HttpCase):
    """Calls over JSON-RPC, XML-RPC and the web client's buttons; what is refused has to be told clearly."""

    def _rpc(self, user, model, method, *args, **kwargs):
        """Call a method as a client does; the answer is ``(result, error message)``."""
        reply = self.url_open("/jsonrpc", timeout=60, headers={"Content-Type": "application/json"}, data=json.dumps({
            "jsonrpc": "2.0", "method": "call", "params": {
                "service": "object", "method": "execute_kw",
                "args": [self.env.cr.dbname, user.id, user.login, model, method, args, kwargs]}})).json()
        return self._read(reply)

    def _button(self, user, model, method, *args, **kwargs):
        """Press a button of the web client, which calls any public method; as ``_rpc``. The user must be logged in."""
        reply = self.url_open("/web/dataset/call_button", timeout=60, headers={"Content-Type": "application/json"},
                              data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": {
                                  "model": model, "method": method, "args": args, "kwargs": kwargs}})).json()
        return self._read(reply)

    def _read(self, reply):
        """Result and message of a reply; an error is one that Odoo shows to people."""
        error = reply.get("error")
        if error:
            self.assertIn(error["data"]["name"], CLEAR, error["data"]["debug"])
            self._check_message(error["data"]["message"])
        return reply.get("result"), error and error["data"]["message"]

    def _xmlrpc(self, user, model, method, *args, **kwargs):
        """As ``_rpc``, over XML-RPC."""
        try:
            return self.xmlrpc_object.execute_kw(
                self.env.cr.dbname, user.id, user.login, model, method, args, kwargs), None
        except xmlrpc.client.Fault as fault:
            # 2 and 4 are refusals; 1 is an error of the program, told by its traceback.
            self.assertIn(fault.faultCode, (2, 4), fault.faultString)
            self._check_message(fault.faultString)
            return None, fault.faultString

    def _make_calls(self, send, user, calls):
        """Make calls ``(model, method, args)``, and with ``kwargs`` or without, until one has nothing to go on with.

        :param send: ``_rpc`` or another way to call; "created" stands for what the last ``create`` made
        :return: the messages that refuse them
        """
        created, errors = None, []

        def fill(value):
            if isinstance(value, dict):
                return {key: fill(inner) for key, inner in value.items()}
            if isinstance(value, (list, tuple)):
                return [fill(inner) for inner in value]
            return created if value == "created" else value

        for model, method, args, *kwargs in calls:
            if "created" in args and not created:
                break
            values = [[created] if value == "created" else fill(value) for value in args]
            result, error = send(user, model, method, *values, **(kwargs[0] if kwargs else {}))
            if error:
                errors.append(error)
            if method == "create":
                created = result
                if not created:
                    break
            if method == "load" and result:
                errors += [message["message"] for message in result["messages"]]
        return errors

    def _check_message(self, message):
        self.assertTrue(message.strip())
        self.assertNotRegex(message, UNCLEAR)
