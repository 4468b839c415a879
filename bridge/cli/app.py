"""All commands under one name."""

import typer

from bridge.cli import backfill, conflicts, order, quarantine, schema, services, simulate, topics, verify

app = typer.Typer(
    name="bridge",
    help="NewStore webhooks in, exactly-once Kafka topics and order state out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("ingress")(services.ingress)
app.command("worker")(services.worker)
app.add_typer(topics.app)
app.command("simulate")(simulate.simulate)
app.command("backfill")(backfill.backfill)
app.command("verify")(verify.verify)
app.command("order")(order.order)
app.add_typer(quarantine.app)
app.add_typer(conflicts.app)
app.add_typer(schema.app)
