"""What an operator would see: the dashboards of deploy/observability, drawn from a deployment that runs.

Grafana needs a server and all that comes with it, which not every machine has. This draws the same JSON by rules near
to Grafana's: where panels lie, how values are written, what is cut off, and what an empty panel says.
"""
