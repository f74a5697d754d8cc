import logging
from datetime import datetime, time

import psycopg2.errors

from odoo import _, api, fields, models

from ... import queries

_logger = logging.getLogger(__name__)


class StockCycleCountCronMixin(models.AbstractModel):
    """Work that crons do record by record, shared by as many workers as run.

    A worker claims a record in the database, does the work, marks the record and commits; a worker that dies
    leaves its record to the next one. A record that fails is reported on itself and stops no other.
    """

    _name = "stock.cycle.count.cron.mixin"
    _description = "Shared Work on Records"

    last_error = fields.Text(
        readonly=True, copy=False, help="Why the last automatic run failed here. Empty after a run that worked.")

    @api.model
    def _run_pending(self, action, marker):
        """Do ``action`` once today for every active record that was not done today.

        :param action: name of the method, called on one record
        :param marker: name of the Datetime field that says when a record was done last
        """
        since = datetime.combine(fields.Date.today(), time.min)
        done, failed = 0, self.browse()
        while True:
            try:
                record = self._claim(marker, since, failed)
                if not record:
                    break
                if record._run_one(action):
                    record.write({marker: fields.Datetime.now()})
                    done += 1
                else:
                    failed |= record
                self._commit_progress()
            except psycopg2.errors.SerializationFailure:
                # Another worker finished the record between our snapshot and our lock; look again.
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
        _logger.info("%s: %s done for %s records, failed for %s", self._name, action, done, len(failed))

    @api.model
    def _claim(self, marker, since, failed):
        """Lock one record that is not done since then and that no other worker holds; empty when none is left.

        :param failed: records that this worker could not do; the next run tries them again
        """
        self.flush_model([marker, "active"])
        rows = queries.run(self.env, queries.locks.claim(self._table, marker, since, failed.ids))
        return self.browse(row[0] for row in rows)

    def _begin_job(self):
        """Make other processes wait (or, if this record has changed since they looked, start again), and ready the
        transaction for statements over many rows.
        """
        queries.run(self.env, queries.locks.lock_rows(self._table, self.ids))
        queries.run(self.env, queries.locks.without_jit())

    def _run_one(self, action):
        """Do the work for one record, in the company of the record, or report why it failed.

        :return: whether it worked
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                getattr(self.with_company(self.company_id), action)()
                self.env.flush_all()
        except psycopg2.OperationalError:
            raise
        except Exception as error:  # every failure belongs on its record, whatever it is
            _logger.info("%s %s: %s failed", self._name, self.id, action, exc_info=True)
            self._report_failure(str(error))
            return False
        self.write({"last_error": False})
        return True

    def _report_failure(self, message):
        """Keep the message on the record and tell its followers, once while it stays the same."""
        if self.last_error != message:
            self.message_post(body=_("The automatic run failed: %(message)s", message=message))
            self.last_error = message

    @api.model
    def _commit_progress(self):
        # What is done stays done when a later record fails or the process is killed.
        self.env.cr.commit()  # pylint: disable=invalid-commit
