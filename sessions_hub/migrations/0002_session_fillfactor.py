from django.db import migrations

# A touch rewrites a row without changing an index. PostgreSQL then keeps the new
# version in the same page (HOT), if the page has room: full pages have none.
FILLFACTOR = 80


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        table = apps.get_model("sessions_hub", "Session")._meta.db_table
        name = schema_editor.quote_name(table)
        schema_editor.execute(f"ALTER TABLE {name} SET (fillfactor = {FILLFACTOR})")


def fill_up(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        table = apps.get_model("sessions_hub", "Session")._meta.db_table
        name = schema_editor.quote_name(table)
        schema_editor.execute(f"ALTER TABLE {name} RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("sessions_hub", "0001_initial")]

    operations = [migrations.RunPython(leave_room, fill_up)]
