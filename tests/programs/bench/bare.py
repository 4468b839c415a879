"""The least that a webhook could do with the same libraries: read a body, send it to Kafka, answer 200. No key, no
parsing, no limits, no metrics. `python -m tests.programs.bench.bare asyncio|uvloop PORT BOOTSTRAP TOPIC`."""

import asyncio
import sys

import uvloop
from aiohttp import web
from aiokafka import AIOKafkaProducer


async def _serve(port: int, bootstrap_servers: str, topic: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, acks="all")
    await producer.start()

    async def receive(request: web.Request) -> web.Response:
        await producer.send_and_wait(topic, await request.read())
        return web.Response()

    async def ready(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application(client_max_size=8 << 20)
    app.router.add_post("/webhooks/newstore", receive)
    app.router.add_get("/readyz", ready)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    run = uvloop.run if sys.argv[1] == "uvloop" else asyncio.run
    run(_serve(int(sys.argv[2]), sys.argv[3], sys.argv[4]))
