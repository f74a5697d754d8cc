"""The main job, once: classify, schedule, generate. Goes to Odoo's shell, which gives it ``env``."""
# ruff: noqa: F821

for title, model, method in (
    ("Classify products", "stock.abc.profile", "action_classify"),
    ("Schedule positions", "stock.cycle.count.plan", "action_schedule"),
    ("Generate count sheets", "stock.cycle.count.plan", "action_generate"),
):
    print(f"    {title}: {model}.{method}()", flush=True)
    getattr(env[model].search([]), method)()
    env.flush_all()
# In one transaction: of a job that fails nothing stays.
env.cr.commit()
print(f"    {env['stock.cycle.count.line'].search_count([])} lines to count", flush=True)
