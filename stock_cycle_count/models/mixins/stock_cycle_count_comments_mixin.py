from odoo import api, models


class StockCycleCountCommentsMixin(models.AbstractModel):
    """Records on which whoever counts or decides says something, without being able to change them. Auditors, who read all,
    say nothing there: they write nothing but counts of their own.
    """

    _name = "stock.cycle.count.comments.mixin"
    _description = "Comments of Those Who Count and Decide"
    _inherit = "stock.cycle.count.followers.mixin"
    _mail_post_access = "read"

    @api.model
    def _get_mail_message_access(self, res_ids, operation, model_name=None):
        if operation == "create" and not self.env.user._comments_counts():
            return "write"
        return super()._get_mail_message_access(res_ids, operation, model_name)

    def _get_mail_thread_data(self, request_list):
        data = super()._get_mail_thread_data(request_list)
        if "canPostOnReadonly" in data:
            data["canPostOnReadonly"] = self.env.user._comments_counts()
        return data
