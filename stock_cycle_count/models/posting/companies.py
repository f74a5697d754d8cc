"""Whether records name what is their company's, for all of them at once."""


def is_consistent(records):
    """Whether what records name is their company's, as core's ``_check_company`` sees it: that looks record by record, and
    says what is wrong. False also where it takes core to say.
    """
    company = records.company_id
    if len(company) != 1 or not all(record.company_id for record in records):
        return False
    for name, field in records._fields.items():
        if not (field.relational and field.check_company and "company_id" in records.env[field.comodel_name]):
            continue
        named = records.sudo()[name].with_context(active_test=False)
        domain = named and named._check_company_domain(company)
        if field.company_dependent or domain and named != named.filtered_domain(domain):
            return False
    return True
